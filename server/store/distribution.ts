/** Answers the questions of distribution-port.ts. */

import type { Kysely } from 'kysely'
import type { AssignedContent } from '../site/content-state.ts'
import type { Distribution } from './distribution-port.ts'
import { UntilEdit } from './reads/until-edit.ts'
import {
  readAssignedContent,
  readContentTargets,
  readNewestNumbers,
  readPointsOfContent,
  readReportedContent,
} from './rows/assigned-content-rows.ts'
import { readDistributionPoint } from './rows/distribution-point-rows.ts'
import type { Schema } from './schema.ts'
import type { Writer } from './writer.ts'

/** A point asks for it with each file that it fetches; with all of a site's files one takes some megabytes. */
const assignmentsRememberedMax = 32

export function distribution(db: Kysely<Schema>, writer: Writer): Distribution {
  const assigned = new UntilEdit<readonly AssignedContent[]>(() => writer.edits, assignmentsRememberedMax)
  return {
    async pointOfToken(tokenSha256) {
      const row = await db
        .selectFrom('distribution_point_tokens')
        .select('point_id')
        .where('token_sha256', '=', tokenSha256)
        .executeTakeFirst()
      return row && readDistributionPoint(db, row.point_id)
    },
    makePointToken: (id, tokenSha256) => writer.run('makePointToken', { id, tokenSha256 }),
    assignedContent: async (id) => assigned.get(id, () => readAssignedContent(db, id)),
    contentTargets: (ids) => readContentTargets(db, ids),
    pointsOfContent: (ids) => readPointsOfContent(db, ids),
    newestContent: (ids) => readNewestNumbers(db, ids),
    reportedContent: (ids) => readReportedContent(db, ids),
    assignContent: (ids, targets) => writer.run('assignContent', { ids, targets }),
    removeAssignedContent: (id, targets) => writer.run('removeAssignedContent', { id, targets }),
    requestValidation: (id, points) => writer.run('requestValidation', { id, points }),
    keepPointReport: (id, contents) => writer.run('keepPointReport', { id, contents }),
  }
}
