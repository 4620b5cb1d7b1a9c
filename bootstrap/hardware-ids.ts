/**
 * Ids of the machine's devices (S2-068): modaliases from sysfs, and for PCI and USB devices what Windows calls the same.
 */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hardwareIdsMax } from '../server/contract/agent.ts'

const idCharactersMax = 255

export async function readHardwareIds(busFolder = '/sys/bus'): Promise<readonly string[]> {
  const found: string[] = []
  for (const bus of await sortedNames(busFolder)) {
    const folder = join(busFolder, bus, 'devices')
    for (const device of await sortedNames(folder)) {
      const alias = (await readFile(join(folder, device, 'modalias'), 'utf8').catch(() => '')).trim()
      if (alias !== '') found.push(alias, ...windowsIds(alias))
    }
  }
  return [...new Set(found)].filter((id) => id.length <= idCharactersMax).slice(0, hardwareIdsMax)
}

/** The same machine tells the same. */
async function sortedNames(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.toSorted((a, b) => (a < b ? -1 : 1))
}

/** From the most to the least particular, as the device installation of Windows tries them. */
export function windowsIds(alias: string): readonly string[] {
  const upper = alias.toUpperCase()
  const [, vendor = '', device = '', subVendor = '', subDevice = ''] =
    /^PCI:V0000([0-9A-F]{4})D0000([0-9A-F]{4})SV0000([0-9A-F]{4})SD0000([0-9A-F]{4})/.exec(upper) ?? []
  if (vendor !== '') {
    const plain = `PCI\\VEN_${vendor}&DEV_${device}`
    return [`${plain}&SUBSYS_${subDevice}${subVendor}`, plain]
  }
  const [, usbVendor = '', product = ''] = /^USB:V([0-9A-F]{4})P([0-9A-F]{4})/.exec(upper) ?? []
  return usbVendor === '' ? [] : [`USB\\VID_${usbVendor}&PID_${product}`]
}
