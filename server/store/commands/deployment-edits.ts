/** Edits of deployments. Removing one takes its marks along; runs that it started stay on record. */

import type { DeploymentId } from '../../address/identifiers.ts'
import type { Deployment } from '../../site/deployment.ts'
import { emptyCanaryRing } from '../rows/canary-rows.ts'
import { readDeployment, writeDeployment } from '../rows/deployment-rows.ts'
import { takeDeploymentId } from './counters.ts'
import type { ObjectKind } from './edit-object.ts'

export const deploymentKind: ObjectKind<DeploymentId, Deployment> = {
  audited: 'deployment',
  nameOf: ({ id }) => id,
  takeId: takeDeploymentId,
  read: readDeployment,
  build: (draft, { id, revision, nowMs, old }) => ({
    ...draft,
    id,
    revision,
    createdAtMs: old?.createdAtMs ?? nowMs,
  }),
  async refuseSaving({ tx }, deployment) {
    const { taskSequenceId, collectionId } = deployment
    const sequence = await tx
      .selectFrom('task_sequences')
      .select('id')
      .where('id', '=', taskSequenceId)
      .executeTakeFirst()
    if (sequence === undefined) return `task sequence ${taskSequenceId} does not exist`
    const collection = await tx.selectFrom('collections').select('id').where('id', '=', collectionId).executeTakeFirst()
    return collection === undefined ? `collection ${collectionId} does not exist` : undefined
  },
  refuseRemoving: async () => undefined,
  async write(db, deployment) {
    const before = (await readDeployment(db, deployment.id))?.canary
    const { canary } = deployment
    // Another ring begins anew: those of the one before were chosen by other rules.
    const isAnother = before?.machines !== canary?.machines || before?.failuresMax !== canary?.failuresMax
    if (isAnother) await emptyCanaryRing(db, deployment.id)
    await writeDeployment(db, deployment)
  },
  async remove(db, id) {
    await db.deleteFrom('deployments').where('id', '=', id).execute()
  },
}
