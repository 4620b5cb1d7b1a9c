/** Marks of required deployments on unknown computers: set by the run, cleared by an administrator, taken along by a device. */

import type { Kysely } from 'kysely'
import type { DeploymentId } from '../../address/identifiers.ts'
import { isMeaningfulSmbiosGuid, isSameGuid, type SmbiosGuid } from '../../address/smbios-guid.ts'
import type { Device } from '../../site/device.ts'
import type { ComputerIdentity, UnknownComputerMark } from '../../site/unknown-computer-mark.ts'
import type { ClearedMarks } from '../marks-port.ts'
import type { Edit } from '../ports.ts'
import type { Schema } from '../schema.ts'
import { readMarksOf, removeMarks, writeMark } from '../rows/unknown-computer-mark-rows.ts'
import { audit } from './audit.ts'
import { refused } from './edit-object.ts'
import type { Writing } from './writing.ts'

/** False: there is no room for it, so that the run must not start (S6-028). A deployment removed meanwhile needs none. */
export async function setUnknownComputerMark(
  { tx }: Writing,
  mark: UnknownComputerMark,
  marksMax: number,
): Promise<boolean> {
  const { deploymentId } = mark
  const deployment = await tx.selectFrom('deployments').select('id').where('id', '=', deploymentId).executeTakeFirst()
  if (deployment === undefined) return true
  const older = (await readMarksOf(tx, mark)).filter((one) => one.deploymentId === deploymentId)
  if (older.length === 0 && (await countMarks({ tx })) >= marksMax) return false
  await removeMarks(tx, older)
  await writeMark(tx, mark)
  return true
}

async function countMarks({ tx }: Pick<Writing, 'tx'>): Promise<number> {
  const { count } = await tx
    .selectFrom('unknown_computer_marks')
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** What has started on a computer has started on the device that it is. */
export async function takeMarksAlong(db: Kysely<Schema>, { id, macAddresses, smbiosGuid }: Device): Promise<void> {
  const isTold = smbiosGuid !== undefined && isMeaningfulSmbiosGuid(smbiosGuid)
  const identity = { macAddresses, ...(isTold ? { smbiosGuid } : {}) }
  const marks = await readMarksOf(db, identity)
  for (const { deploymentId, startedAtMs } of marks) {
    await db
      .insertInto('required_pxe_marks')
      .values({ device_id: id, deployment_id: deploymentId, started_at_ms: startedAtMs })
      .onConflict((conflict) => conflict.columns(['device_id', 'deployment_id']).doNothing())
      .execute()
  }
  await removeMarks(db, marks)
}

export interface ClearUnknownComputer {
  readonly computer: ComputerIdentity
  readonly deploymentId: DeploymentId | undefined
}

/** S6-027, for a computer that is no device. An address that several computers used names none of them. */
export async function clearUnknownComputer(
  writing: Writing,
  { computer, deploymentId }: ClearUnknownComputer,
): Promise<Edit<ClearedMarks>> {
  const { tx } = writing
  const device = await tx
    .selectFrom('device_mac_addresses')
    .innerJoin('devices', 'devices.id', 'device_mac_addresses.device_id')
    .select(['devices.id', 'devices.name'])
    .where('mac_address', 'in', computer.macAddresses)
    .executeTakeFirst()
  if (device !== undefined) return refused(`this is device ${device.name} (${device.id}); clear its marks there`)
  const named = await readMarksOf(tx, computer)
  const guids = named.reduce<readonly SmbiosGuid[]>(
    (known, { smbiosGuid }) =>
      smbiosGuid === undefined || known.some((one) => isSameGuid(one, smbiosGuid)) ? known : [...known, smbiosGuid],
    [],
  )
  const [smbiosGuid, ...others] = guids
  if (others.length > 0) {
    return refused(`several computers started with this address; name the SMBIOS GUID of one: ${guids.join(', ')}`)
  }
  const itself = smbiosGuid === undefined ? computer : { ...computer, smbiosGuid }
  const marks = (await readMarksOf(tx, itself)).filter(
    (mark) => deploymentId === undefined || mark.deploymentId === deploymentId,
  )
  await removeMarks(tx, marks)
  const name = computer.macAddresses.join(', ')
  const after = { unknownComputerMarks: marks.length, deploymentId }
  await audit(writing, { action: 'clear-marks', kind: 'machine', id: name, name, after })
  return { kind: 'saved', value: { deviceMarks: 0, unknownComputerMarks: marks.length } }
}
