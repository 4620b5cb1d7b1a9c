/** What people call a deployment: by its task sequence and its collection. */

import type { Kysely } from 'kysely'
import type { DeploymentId } from '../../address/identifiers.ts'
import { decodeJson } from '../json-text.ts'
import type { Schema } from '../schema.ts'

export interface NamesOfDeployment {
  readonly taskSequence: string
  readonly collection: string
  /** Of its task sequence (S1-078). */
  readonly maximumRunMinutes: number
}

export async function readNamesOfDeployments(
  db: Kysely<Schema>,
  ids: readonly DeploymentId[],
): Promise<ReadonlyMap<DeploymentId, NamesOfDeployment>> {
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('task_sequences', 'task_sequences.id', 'deployments.task_sequence_id')
    .innerJoin('collections', 'collections.id', 'deployments.collection_id')
    .select(['deployments.id', 'task_sequences.name as sequence', 'collections.name as collection', 'settings'])
    .where('deployments.id', 'in', ids)
    .execute()
  return new Map(
    rows.map(({ id, sequence, collection, settings }) => {
      const { maximumRunMinutes } = decodeJson(settings)
      return [id, { taskSequence: sequence, collection, maximumRunMinutes }]
    }),
  )
}
