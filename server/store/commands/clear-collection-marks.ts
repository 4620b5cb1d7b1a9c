/** Clear required PXE deployments for a collection (S6-027): devices, and unknown computers where it holds such. */

import type { CollectionId, DeploymentId } from '../../address/identifiers.ts'
import { unknownComputers } from '../../site/unknown-computer.ts'
import { isMember } from '../../targeting/membership.ts'
import type { ClearedMarks } from '../marks-port.ts'
import type { Edit } from '../ports.ts'
import { readCollection } from '../rows/collection-rows.ts'
import { writeConsent } from '../rows/client-rows.ts'
import { readDevices } from '../rows/device-rows.ts'
import { readMarks, removeMarks } from '../rows/unknown-computer-mark-rows.ts'
import { audit } from './audit.ts'
import { clearRequiredPxeDeployments } from './device-edits.ts'
import type { Writing } from './writing.ts'

export interface ClearCollection {
  readonly id: CollectionId
  readonly deploymentId: DeploymentId | undefined
}

export async function clearCollection(
  writing: Writing,
  { id, deploymentId }: ClearCollection,
): Promise<Edit<ClearedMarks>> {
  const { tx } = writing
  const collection = await readCollection(tx, id)
  if (collection === undefined) return { kind: 'not-found' }
  let deviceMarks = 0
  for (const device of await readDevices(tx)) {
    const cleared = device.requiredPxeMarks.filter((mark) => isWanted(mark, deploymentId)).length
    if (!isMember(collection, device)) continue
    await writeConsent(tx, device.id, deploymentId)
    if (cleared === 0) continue
    deviceMarks += cleared
    await clearRequiredPxeDeployments(writing, { id: device.id, deploymentId })
  }
  const architectures = unknownComputers.flatMap((one) => (isMember(collection, one) ? [one.architecture] : []))
  const marks = (await readMarks(tx)).filter(
    (mark) => isWanted(mark, deploymentId) && architectures.some((one) => one === mark.architecture),
  )
  await removeMarks(tx, marks)
  if (marks.length > 0) {
    const after = { unknownComputerMarks: marks.length, deploymentId }
    await audit(writing, { action: 'clear-marks', kind: 'collection', id, name: collection.name, after })
  }
  return { kind: 'saved', value: { deviceMarks, unknownComputerMarks: marks.length } }
}

function isWanted(mark: { readonly deploymentId: DeploymentId }, wanted: DeploymentId | undefined): boolean {
  return wanted === undefined || mark.deploymentId === wanted
}
