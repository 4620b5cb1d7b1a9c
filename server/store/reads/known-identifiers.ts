/**
 * MAC addresses and SMBIOS GUIDs that some device of the site has or had, and those of unknown computers with a mark: whoever
 * asks with none of these is a stranger like any other, and no query is needed to say so. Identifiers are learned before the edit that brings them is answered, and never forgotten
 * while the process runs: one too many only costs a query.
 */

import type { Kysely } from 'kysely'
import type { DeviceId } from '../../address/identifiers.ts'
import { foldSerialNumber } from '../../address/serial-number.ts'
import { swapSmbiosGuid } from '../../address/smbios-guid.ts'
import { addressesOf } from '../../boot/identify-device.ts'
import type { PxeClient } from '../../boot/pxe-client.ts'
import type { Device } from '../../site/device.ts'
import type { ComputerIdentity } from '../../site/unknown-computer-mark.ts'
import type { Edit, Objects } from '../ports.ts'
import type { KeptEvents } from '../provisioning-port.ts'
import { readAllMarks } from '../rows/unknown-computer-mark-rows.ts'
import type { Schema } from '../schema.ts'
import type { DoneCommand } from '../writer.ts'

export class KnownIdentifiers {
  readonly #known: Set<string>

  private constructor(known: Set<string>) {
    this.#known = known
  }

  static async read(db: Kysely<Schema>): Promise<KnownIdentifiers> {
    const addresses = await db.selectFrom('device_mac_addresses').select('mac_address').execute()
    const devices = await db.selectFrom('devices').select(['smbios_guid', 'serial_number']).execute()
    const marks = await readAllMarks(db)
    const all = [
      ...addresses.map((row) => row.mac_address),
      ...devices.flatMap((row) => [row.smbios_guid, row.serial_number && serialKey(row.serial_number)]),
      ...marks.flatMap(identifiersOf),
    ]
    return new KnownIdentifiers(new Set(all.filter((identifier) => identifier !== null)))
  }

  /** False: no device and no mark shares an identifier with the client. */
  mayKnow({ smbiosGuid, serialNumber, ...client }: PxeClient): boolean {
    if (addressesOf(client).some((address) => this.#known.has(address))) return true
    if (serialNumber !== undefined && this.#known.has(serialKey(serialNumber))) return true
    return smbiosGuid !== undefined && (this.#known.has(smbiosGuid) || this.#known.has(swapSmbiosGuid(smbiosGuid)))
  }

  /** The same devices; what is saved through them is learned. */
  learningFrom(devices: Objects<DeviceId, Device>): Objects<DeviceId, Device> {
    return {
      ...devices,
      create: async (draft) => this.#learn(await devices.create(draft)),
      replace: async (id, draft, revision) => this.#learn(await devices.replace(id, draft, revision)),
    }
  }

  /** Of a computer that was marked; a device that was saved is one, too. */
  learn(computer: ComputerIdentity & Pick<Device, 'serialNumber'>): void {
    if (computer.serialNumber !== undefined) this.#known.add(serialKey(computer.serialNumber))
    for (const identifier of identifiersOf(computer)) this.#known.add(identifier)
  }

  /** Of devices that come about otherwise than by an edit. */
  learnFrom({ name, value }: DoneCommand): void {
    if (name !== 'addEvents' || typeof value === 'string') return
    const { provisioned } = value as KeptEvents
    if (provisioned !== undefined) this.learn(provisioned.device)
  }

  #learn(edit: Edit<Device>): Edit<Device> {
    if (edit.kind === 'saved') this.learn(edit.value)
    return edit
  }
}

/** Not to be taken for an identifier of another kind. */
function serialKey(serialNumber: string): string {
  return `serial ${foldSerialNumber(serialNumber)}`
}

function identifiersOf({ macAddresses, smbiosGuid }: ComputerIdentity): readonly string[] {
  return smbiosGuid === undefined ? macAddresses : [...macAddresses, smbiosGuid]
}
