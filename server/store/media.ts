/** Media as media-port.ts wants them. */

import type { Kysely } from 'kysely'
import type { MediumId } from '../contract/medium.ts'
import type { Media, Medium } from './media-port.ts'
import { readMedia, readMedium, readMediumUses, readMediumVariables } from './rows/medium-rows.ts'
import type { Schema } from './schema.ts'
import type { Writer } from './writer.ts'

export function media(db: Kysely<Schema>, writer: Writer): Media {
  const remembered = new RememberedMedia((id) => readMedium(db, id))
  return {
    media: (page) => readMedia(db, page),
    medium: (id) => remembered.get(id),
    mediumVariables: (id) => readMediumVariables(db, id),
    addMedium: (medium, variables) => writer.run('addMedium', { medium, variables }),
    changeMedium: async (id, change) => remembered.afterwards(id, writer.run('changeMedium', { id, change })),
    removeMedium: async (id) => remembered.afterwards(id, writer.run('removeMedium', id)),
    mediumUses: (id) => readMediumUses(db, id),
    noteMediumUse: (seen) => writer.run('noteMediumUse', seen),
  }
}

const rememberedMax = 64

/** A virtual drive asks for a few octets at a time, and a record may name thousands of files. Nobody else writes to the database. */
class RememberedMedia {
  readonly #read: (id: MediumId) => Promise<Medium | undefined>
  readonly #media = new Map<MediumId, Medium>()
  /** Grows with each change: what was read before it is not remembered. */
  #changes = 0

  constructor(read: (id: MediumId) => Promise<Medium | undefined>) {
    this.#read = read
  }

  async get(id: MediumId): Promise<Medium | undefined> {
    const known = this.#media.get(id)
    if (known !== undefined) return known
    const changes = this.#changes
    const medium = await this.#read(id)
    if (medium === undefined || changes !== this.#changes) return medium
    this.#media.set(id, medium)
    const [oldest] = this.#media.keys()
    if (this.#media.size > rememberedMax && oldest !== undefined) this.#media.delete(oldest)
    return medium
  }

  async afterwards<T>(id: MediumId, written: Promise<T>): Promise<T> {
    try {
      return await written
    } finally {
      this.#changes += 1
      this.#media.delete(id)
    }
  }
}
