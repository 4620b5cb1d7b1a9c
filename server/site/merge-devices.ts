/**
 * Two records of one machine become one, and one record of two machines becomes two: what each of them has afterwards. Marks of
 * required deployments are never fewer than before: nothing starts again because records were tidied up.
 */

import type { MacAddress } from '../address/mac-address.ts'
import { foldSerialNumber, isMeaningfulSerialNumber } from '../address/serial-number.ts'
import { isMeaningfulSmbiosGuid, isSameGuid, type SmbiosGuid } from '../address/smbios-guid.ts'
import type { Device, RequiredPxeMark } from './device.ts'

/** Whose GUID or serial number is right, where both records have one. */
export interface MergeChoice {
  readonly smbiosGuid?: 'kept' | 'other'
  readonly serialNumber?: 'kept' | 'other'
}

type Identifiers = Pick<Device, 'macAddresses' | 'smbiosGuid' | 'serialNumber'>
/** A text is why not. */
type Result<T> = T | string

export function mergeDevices(kept: Device, from: Device, choice: MergeChoice): Result<Device> {
  const { smbiosGuid: guid, serialNumber: serial } = contradictionsOf(kept, from)
  if (guid && choice.smbiosGuid === undefined) return contradiction(kept, from, 'SMBIOS GUIDs', 'smbiosGuid')
  if (serial && choice.serialNumber === undefined) return contradiction(kept, from, 'serial numbers', 'serialNumber')
  const { smbiosGuid: _, serialNumber: __, ...others } = kept
  const smbiosGuid = guid && choice.smbiosGuid === 'other' ? from.smbiosGuid : meaningfulGuid(kept, from)
  const serialNumber = serial && choice.serialNumber === 'other' ? from.serialNumber : meaningfulSerial(kept, from)
  const names = new Set(kept.variables.map(({ name }) => name.toLowerCase()))
  return {
    ...others,
    macAddresses: [...new Set([...kept.macAddresses, ...from.macAddresses])],
    ...(smbiosGuid === undefined ? {} : { smbiosGuid }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    variables: [...kept.variables, ...from.variables.filter(({ name }) => !names.has(name.toLowerCase()))],
    requiredPxeMarks: mergeMarks(kept.requiredPxeMarks, from.requiredPxeMarks),
  }
}

function contradictionsOf(kept: Device, from: Device): { smbiosGuid: boolean; serialNumber: boolean } {
  const guids = [kept.smbiosGuid, from.smbiosGuid].filter((guid) => guid !== undefined && isMeaningfulSmbiosGuid(guid))
  const serials = [kept.serialNumber, from.serialNumber].filter(
    (serial) => serial !== undefined && isMeaningfulSerialNumber(serial),
  )
  const [guid, otherGuid] = guids
  const [serial, otherSerial] = serials
  return {
    smbiosGuid: guid !== undefined && otherGuid !== undefined && !isSameGuid(guid, otherGuid),
    serialNumber:
      serial !== undefined && otherSerial !== undefined && foldSerialNumber(serial) !== foldSerialNumber(otherSerial),
  }
}

function contradiction(kept: Device, from: Device, what: string, field: keyof MergeChoice): string {
  return (
    `${kept.name} (${kept.id}) and ${from.name} (${from.id}) have different ${what}, so they are two machines; ` +
    `if they are one, say whose is right with force.${field}`
  )
}

/** A placeholder is kept only where there is nothing better. */
function meaningfulGuid(kept: Device, from: Device): SmbiosGuid | undefined {
  const guids = [kept.smbiosGuid, from.smbiosGuid].filter((guid) => guid !== undefined)
  return guids.find(isMeaningfulSmbiosGuid) ?? guids[0]
}

function meaningfulSerial(kept: Device, from: Device): string | undefined {
  const serials = [kept.serialNumber, from.serialNumber].filter((serial) => serial !== undefined)
  return serials.find(isMeaningfulSerialNumber) ?? serials[0]
}

/** All; of two of one deployment the later. */
export function mergeMarks(
  kept: readonly RequiredPxeMark[],
  from: readonly RequiredPxeMark[],
): readonly RequiredPxeMark[] {
  const marks = new Map<string, RequiredPxeMark>()
  for (const mark of [...kept, ...from]) {
    const known = marks.get(mark.deploymentId)
    if (known === undefined || known.startedAtMs < mark.startedAtMs) marks.set(mark.deploymentId, mark)
  }
  return [...marks.values()].toSorted((a, b) => (a.deploymentId < b.deploymentId ? -1 : 1))
}

export interface TakenOut {
  readonly macAddresses: readonly MacAddress[]
  readonly smbiosGuid?: SmbiosGuid
  readonly serialNumber?: string
}

/** What stays and what goes; both records must still be found by something. */
export function splitIdentifiers(
  device: Device,
  wanted: TakenOut,
): Result<{ readonly rest: Identifiers; readonly taken: Identifiers }> {
  const { smbiosGuid, serialNumber, macAddresses } = device
  const named = `${device.name} (${device.id})`
  const foreign = wanted.macAddresses.find((address) => !macAddresses.includes(address))
  if (foreign !== undefined) return `${foreign} is no MAC address of ${named}`
  const takesGuid = wanted.smbiosGuid !== undefined
  if (takesGuid && (smbiosGuid === undefined || !isSameGuid(wanted.smbiosGuid, smbiosGuid))) {
    return `${wanted.smbiosGuid} is not the SMBIOS GUID of ${named}`
  }
  const takesSerial = wanted.serialNumber !== undefined
  if (takesSerial && foldSerialNumber(wanted.serialNumber) !== foldSerialNumber(serialNumber ?? '')) {
    return `${wanted.serialNumber} is not the serial number of ${named}`
  }
  const rest = {
    macAddresses: macAddresses.filter((address) => !wanted.macAddresses.includes(address)),
    ...(takesGuid || smbiosGuid === undefined ? {} : { smbiosGuid }),
    ...(takesSerial || serialNumber === undefined ? {} : { serialNumber }),
  }
  const taken = {
    macAddresses: macAddresses.filter((address) => wanted.macAddresses.includes(address)),
    ...(takesGuid && smbiosGuid !== undefined ? { smbiosGuid } : {}),
    ...(takesSerial && serialNumber !== undefined ? { serialNumber } : {}),
  }
  if (!isFound(taken)) return 'name at least one MAC address, the SMBIOS GUID or the serial number of the new record'
  return isFound(rest) ? { rest, taken } : `nothing would be left by which ${named} is found`
}

function isFound({ macAddresses, smbiosGuid, serialNumber }: Identifiers): boolean {
  return macAddresses.length > 0 || smbiosGuid !== undefined || serialNumber !== undefined
}
