/** Clear required PXE deployments for a collection (S6-027): devices, and unknown computers where it holds such. */

import type { CollectionId, DeploymentId } from '../../address/identifiers.ts'
import { unknownComputers } from '../../site/unknown-computer.ts'
import { collectionsOf, planMembership } from '../../targeting/membership.ts'
import type { ClearedMarks } from '../marks-port.ts'
import type { Edit } from '../ports.ts'
import { readCollection, readCollectionRules, readDirectMemberships } from '../rows/collection-rows.ts'
import { writeConsent } from '../rows/client-rows.ts'
import { readDevices } from '../rows/device-rows.ts'
import { audit } from './audit.ts'
import { readAllMarks, removeMarks } from '../rows/unknown-computer-mark-rows.ts'
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
  const devices = await readDevices(tx)
  const plan = planMembership(await readCollectionRules(tx))
  const direct = await readDirectMemberships(
    tx,
    devices.map((device) => device.id),
  )
  let deviceMarks = 0
  for (const device of devices) {
    const around = collectionsOf(plan, device, (collectionId) => direct.get(device.id)?.has(collectionId) === true)
    if (!around.some((one) => one.id === id)) continue
    await writeConsent(tx, device.id, deploymentId)
    const cleared = device.requiredPxeMarks.filter((mark) => isWanted(mark, deploymentId)).length
    if (cleared === 0) continue
    deviceMarks += cleared
    await clearRequiredPxeDeployments(writing, { id: device.id, deploymentId })
  }
  const architectures = unknownComputers.flatMap((one) =>
    collectionsOf(plan, one, () => false).some((each) => each.id === id) ? [one.architecture] : [],
  )
  const marks = (await readAllMarks(tx)).filter(
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
