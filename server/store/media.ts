/** Media as media-port.ts wants them. */

import type { Kysely } from 'kysely'
import type { Media } from './media-port.ts'
import { readMedia, readMedium, readMediumUses, readMediumVariables } from './rows/medium-rows.ts'
import type { Schema } from './schema.ts'
import type { Writer } from './writer.ts'

export function media(db: Kysely<Schema>, writer: Writer): Media {
  return {
    media: () => readMedia(db),
    medium: (id) => readMedium(db, id),
    mediumVariables: (id) => readMediumVariables(db, id),
    addMedium: (medium, variables) => writer.run('addMedium', { medium, variables }),
    changeMedium: (id, change) => writer.run('changeMedium', { id, change }),
    removeMedium: (id) => writer.run('removeMedium', id),
    mediumUses: (id) => readMediumUses(db, id),
    noteMediumUse: (seen) => writer.run('noteMediumUse', seen),
  }
}
