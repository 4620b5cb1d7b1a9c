/** A second person approves a deployment to many machines: not the one who made it, and nobody without a name. */

import type { DeploymentId } from '../../address/identifiers.ts'
import type { Deployment } from '../../site/deployment.ts'
import type { Edit } from '../ports.ts'
import { readDeployment, writeDeployment } from '../rows/deployment-rows.ts'
import { audit } from './audit.ts'
import { refused } from './edit-object.ts'
import type { Writing } from './writing.ts'

export async function approveDeployment(writing: Writing, id: DeploymentId): Promise<Edit<Deployment>> {
  const { tx, actor } = writing
  const deployment = await readDeployment(tx, id)
  if (deployment === undefined) return { kind: 'not-found' }
  const { secondApproval } = deployment
  if (secondApproval === undefined) return refused(`deployment ${id} needs no approval`)
  if (secondApproval.approvedBy !== undefined) return refused(`${secondApproval.approvedBy} has approved it already`)
  const { askedBy } = secondApproval
  if (actor === undefined || actor.key === askedBy.key) {
    return refused(`${askedBy.name} has made it, so somebody else has to approve it`)
  }
  const approved = {
    ...deployment,
    secondApproval: { askedBy, approvedBy: actor.name },
    revision: deployment.revision + 1,
  }
  await writeDeployment(tx, approved)
  await audit(writing, { action: 'approve', kind: 'deployment', id, name: id, before: deployment, after: approved })
  return { kind: 'saved', value: approved }
}
