/** Canary rings: who joins one when a run starts, that its end counts, and that an administrator lets a new one start. */

import type { DeploymentId } from '../../address/identifiers.ts'
import type { Deployment } from '../../site/deployment.ts'
import { canaryMachine, canaryStanding, joinsRing, whyRingHolds } from '../../targeting/canary.ts'
import type { Edit, RunRecord } from '../ports.ts'
import { emptyCanaryRing, readCanaryMembers } from '../rows/canary-rows.ts'
import { readDeployment } from '../rows/deployment-rows.ts'
import { audit } from './audit.ts'
import { refused } from './edit-object.ts'
import type { Writing } from './writing.ts'

type Starting = Pick<RunRecord, 'id' | 'deploymentId' | 'deviceId' | 'lane'>

/** A deployment that was removed meanwhile has no ring. */
export async function isHeldByRing({ tx }: Writing, run: Omit<Starting, 'id'>): Promise<boolean> {
  const canary = (await readDeployment(tx, run.deploymentId))?.canary
  if (canary === undefined) return false
  const ring = await readCanaryMembers(tx, [run.deploymentId])
  return whyRingHolds(canary, ring, canaryMachine(run)) !== undefined
}

/** After the run itself is there. */
export async function joinRing({ tx }: Writing, run: Starting): Promise<void> {
  const canary = (await readDeployment(tx, run.deploymentId))?.canary
  if (canary === undefined) return
  const machine = canaryMachine(run)
  if (!joinsRing(canary, await readCanaryMembers(tx, [run.deploymentId]), machine)) return
  await tx
    .insertInto('canary_members')
    .values({ deployment_id: run.deploymentId, machine, run_id: run.id })
    .onConflict((conflict) => conflict.columns(['deployment_id', 'machine']).doUpdateSet({ run_id: run.id }))
    .execute()
}

/** Of a run that has ended: what machines are told of its deployment may be another thing from now on. */
export async function noteEndInRing({ tx, changes }: Writing, { id }: Pick<RunRecord, 'id'>): Promise<void> {
  const member = await tx.selectFrom('canary_members').select('machine').where('run_id', '=', id).executeTakeFirst()
  if (member !== undefined) changes.hasNewFacts = true
}

export async function resumeCanary(writing: Writing, id: DeploymentId): Promise<Edit<Deployment>> {
  const { tx } = writing
  const deployment = await readDeployment(tx, id)
  if (deployment === undefined) return { kind: 'not-found' }
  const { canary } = deployment
  if (canary === undefined) return refused(`deployment ${id} has no canary ring`)
  const ring = await readCanaryMembers(tx, [id])
  await emptyCanaryRing(tx, id)
  const before = {
    canaryRing: canaryStanding(canary, ring),
    machines: ring.map(({ machine, state }) => `${machine}: ${state}`),
  }
  const after = { canaryRing: canaryStanding(canary, []), machines: [] }
  await audit(writing, { action: 'resume-canary', kind: 'deployment', id, name: id, before, after })
  return { kind: 'saved', value: deployment }
}
