/**
 * What this machine tells about itself: SMBIOS texts, network cards, firmware, memory and disks, read from `/sys`
 * and `/proc`. All of it is a hint and may be missing: `/sys/class/dmi/id/product_uuid` does not exist on every machine.
 */

import { readFile, readdir, stat } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { isMeaningfulMacAddress, type MacAddress, parseMacAddress } from '../server/address/mac-address.ts'
import { parseSmbiosGuid } from '../server/address/smbios-guid.ts'
import { type Hardware, hardwareNetworksMax } from '../server/contract/agent.ts'
import { readSecureBootAuthorities } from './secure-boot-authorities.ts'
import type { FixedDisk } from './fixed-disks.ts'

export interface MachineFacts {
  /** The card the machine booted from, when the boot loader told. */
  readonly bootCard: MacAddress | undefined
  readonly memoryBytes: number
  /** As Node spells it. */
  readonly processor: string
  readonly disks: readonly FixedDisk[]
}

export async function readHardware(facts: MachineFacts, root = '/'): Promise<Hardware> {
  const smbios = async (file: string): Promise<string | undefined> => {
    const text = (await readFile(join(root, 'sys/class/dmi/id', file), 'utf8').catch(() => '')).trim()
    return isPlaceholder(text) ? undefined : text
  }
  const [guid, serialNumber, manufacturer, model] = await Promise.all([
    smbios('product_uuid'),
    smbios('product_serial'),
    smbios('sys_vendor'),
    smbios('product_name'),
  ])
  const authorities = await readSecureBootAuthorities(root)
  const chassisType = readChassisType(await smbios('chassis_type'))
  const smbiosGuid = guid === undefined ? undefined : parseSmbiosGuid(guid)
  return {
    architecture: architectures[facts.processor] ?? 'x64',
    firmware: (await exists(join(root, 'sys/firmware/efi'))) ? 'uefi' : 'bios',
    secureBoot: await readSecureBoot(root),
    ...(authorities.length === 0 ? {} : { secureBootAuthorities: authorities }),
    macAddresses: await readMacAddresses(facts.bootCard, root),
    ...(smbiosGuid === undefined ? {} : { smbiosGuid }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(chassisType === undefined ? {} : { chassisType }),
    ipv4Networks: readIpv4Networks(),
    memoryBytes: facts.memoryBytes,
    disks: facts.disks.map(({ name, bytes, removable, model }) => ({
      name,
      bytes,
      removable,
      ...(model === undefined ? {} : { model }),
    })),
  }
}

/** SMBIOS 3.7, section 7.4: the highest bit says whether there is a lock. */
function readChassisType(text: string | undefined): number | undefined {
  const type = Number(text ?? 0) & 0x7f
  return type === 0 ? undefined : type
}

function readIpv4Networks(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const own = addresses.filter(({ family, internal }) => family === 'IPv4' && !internal)
  return own.flatMap(({ cidr }) => cidr ?? []).slice(0, hardwareNetworksMax)
}

const architectures: Readonly<Record<string, Hardware['architecture']>> = { x64: 'x64', arm64: 'arm64', ia32: 'x86' }

/** Texts that board makers leave where a name should be. */
function isPlaceholder(text: string): boolean {
  return (
    text === '' ||
    /^(?:to be filled by o\.?e\.?m\.?|default string|not specified|system serial number|none)$/i.test(text)
  )
}

/** Cards of the machine: Ethernet (type 1) with a device behind them; bridges and tunnels have none. */
async function readMacAddresses(bootCard: MacAddress | undefined, root: string): Promise<readonly MacAddress[]> {
  const folder = join(root, 'sys/class/net')
  const names = (await readdir(folder).catch(() => [])).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const addresses: MacAddress[] = []
  for (const name of names) {
    const type = (await readFile(join(folder, name, 'type'), 'utf8').catch(() => '')).trim()
    if (type !== '1' || !(await exists(join(folder, name, 'device')))) continue
    const address = parseMacAddress(await readFile(join(folder, name, 'address'), 'utf8').catch(() => ''))
    if (address !== undefined && isMeaningfulMacAddress(address)) addresses.push(address)
  }
  const ordered = bootCard === undefined ? addresses : [bootCard, ...addresses]
  return [...new Set(ordered)]
}

/** UEFI 2.10 section 3.3: the variable `SecureBoot`; efivarfs puts four octets of attributes before the value. */
async function readSecureBoot(root: string): Promise<boolean> {
  const file = join(root, 'sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c')
  const octets = await readFile(file).catch(() => undefined)
  return octets?.length === 5 && octets[4] === 1
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
