/** The site puts addresses that two machines tell among the duplicates by itself (boot/shared-address.ts), and never what somebody took off. */

import type { DeviceId } from '../../address/identifiers.ts'
import type { MacAddress } from '../../address/mac-address.ts'
import { isSharedAddress } from '../../boot/shared-address.ts'
import { IdentifierList, type ListedIdentifier } from '../../site/listed-identifier.ts'
import { readDevices } from '../rows/device-rows.ts'
import { isUnmarked, readListedIdentifier, writeListedIdentifier } from '../rows/listed-identifier-rows.ts'
import { audit } from './audit.ts'
import { entryOf } from './listed-identifiers.ts'
import type { Writing } from './writing.ts'

/** So many the site lists by itself: whoever tells ever new addresses fills no memory. */
const listedBySiteMax = 1_000

/** Of what the agent of this device tells now; asked each time, because a run that goes on only delays it. */
export async function listSharedAddresses(
  writing: Writing,
  deviceId: DeviceId,
  addresses: readonly MacAddress[],
): Promise<readonly ListedIdentifier[]> {
  const listed: ListedIdentifier[] = []
  for (const address of addresses) {
    const shared = await listIfShared(writing, deviceId, address)
    if (shared !== undefined) listed.push(shared)
  }
  return listed
}

export async function writeToldAddresses(
  { tx }: Writing,
  id: DeviceId,
  addresses: readonly MacAddress[],
): Promise<void> {
  await tx.deleteFrom('told_addresses').where('device_id', '=', id).execute()
  for (const mac_address of addresses) {
    await tx.insertInto('told_addresses').values({ mac_address, device_id: id }).execute()
  }
}

async function listIfShared(
  writing: Writing,
  deviceId: DeviceId,
  macAddress: MacAddress,
): Promise<ListedIdentifier | undefined> {
  const { tx } = writing
  const tellers = await tx
    .selectFrom('told_addresses')
    .select('device_id')
    .where('mac_address', '=', macAddress)
    .execute()
  if (tellers.length < 2) return undefined
  const named = { list: IdentifierList.duplicate, identifier: macAddress }
  if ((await readListedIdentifier(tx, named)) !== undefined || (await isUnmarked(tx, macAddress))) return undefined
  const devices = await readDevices(
    tx,
    tellers.map((row) => row.device_id),
  )
  const own = devices.find(({ id }) => id === deviceId)
  const holders = await readHolders(writing, macAddress)
  const isNeeded = (await isInMarkWithoutGuid(writing, macAddress)) || (await isLaneOfRun(writing, macAddress))
  const other = devices.find(
    ({ id, inventory }) =>
      id !== deviceId &&
      inventory !== undefined &&
      own?.inventory !== undefined &&
      isSharedAddress({ macAddress, told: [inventory, own.inventory], holders, isNeeded }),
  )
  if (own === undefined || other === undefined || (await countListedBySite(writing)) >= listedBySiteMax)
    return undefined
  const comment = `seen on ${other.name} (${other.id}) and ${own.name} (${own.id})`
  const listed: ListedIdentifier = { ...named, comment, from: 'site', listedAtMs: writing.nowMs }
  await writeListedIdentifier(tx, listed)
  await audit(writing, { ...entryOf(listed), action: 'create', after: { comment } })
  return listed
}

async function readHolders({ tx }: Writing, macAddress: MacAddress) {
  const rows = await tx
    .selectFrom('device_mac_addresses')
    .select('device_id')
    .where('mac_address', '=', macAddress)
    .execute()
  return readDevices(
    tx,
    rows.map((row) => row.device_id),
  )
}

async function isInMarkWithoutGuid({ tx }: Writing, macAddress: MacAddress): Promise<boolean> {
  const mark = await tx
    .selectFrom('unknown_computer_addresses')
    .innerJoin('unknown_computer_marks', 'unknown_computer_marks.run_id', 'unknown_computer_addresses.run_id')
    .select('unknown_computer_marks.run_id')
    .where('mac_address', '=', macAddress)
    .where('smbios_guid', 'is', null)
    .executeTakeFirst()
  return mark !== undefined
}

async function isLaneOfRun({ tx }: Writing, macAddress: MacAddress): Promise<boolean> {
  const run = await tx
    .selectFrom('runs')
    .select('id')
    .where('lane', '=', macAddress)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return run !== undefined
}

async function countListedBySite({ tx }: Writing): Promise<number> {
  const { count } = await tx
    .selectFrom('listed_identifiers')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('by_name', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}
