/**
 * What Set Dynamic Variables asks of the machine (S2-021): what hello says already, the asset tag, and how the network is
 * set now. Texts of `/proc/net` are read by the two functions below (Linux, Documentation/networking/proc_net_*).
 */

import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Hardware } from '../server/contract/agent.ts'
import type { MachineFacts } from '../server/sequence/evaluate-dynamic-variables.ts'

export async function readMachineFacts(hardware: Hardware, root = '/'): Promise<MachineFacts> {
  const read = async (path: string): Promise<string> => readFile(join(root, path), 'utf8').catch(() => '')
  const assetTag = (await read('sys/class/dmi/id/chassis_asset_tag')).trim()
  return {
    make: hardware.manufacturer ?? '',
    model: hardware.model ?? '',
    serialNumber: hardware.serialNumber ?? '',
    assetTag: placeholder.test(assetTag) ? '' : assetTag,
    uuid: hardware.smbiosGuid ?? '',
    macAddresses: hardware.macAddresses,
    ipAddresses: readAddresses(),
    defaultGateways: [
      ...parseIpv4Gateways(await read('proc/net/route')),
      ...parseIpv6Gateways(await read('proc/net/ipv6_route')),
    ],
  }
}

/** Texts that board makers leave where a tag should be. */
const placeholder = /^(?:default string|to be filled by o\.?e\.?m\.?|not specified|no asset tag|none|asset-?[0-9]+)$/i

function readAddresses(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return addresses.filter(({ internal }) => !internal).map(({ address }) => address)
}

/** Destination 00000000 with the flag "gateway" (2); octets in the order of the machine, which is little-endian. */
export function parseIpv4Gateways(text: string): readonly string[] {
  const gateways = text.split('\n').flatMap((line) => {
    const [, destination, gateway = '', flags = '0'] = line.trim().split(/\s+/)
    const isGateway = destination === '00000000' && (Number.parseInt(flags, 16) & 2) === 2
    if (!isGateway || !/^[0-9A-F]{8}$/i.test(gateway)) return []
    return [[...Buffer.from(gateway, 'hex')].toReversed().join('.')]
  })
  return [...new Set(gateways)]
}

/** Destination ::/0 with the flag "gateway"; eight groups, the longest run of zeros shortened by `URL`. */
export function parseIpv6Gateways(text: string): readonly string[] {
  const gateways = text.split('\n').flatMap((line) => {
    const [destination = '', length, , , gateway = '', , , , flags = '0'] = line.trim().split(/\s+/)
    const isDefault = /^0{32}$/.test(destination) && length === '00' && (Number.parseInt(flags, 16) & 2) === 2
    if (!isDefault || !/^[0-9a-f]{32}$/.test(gateway)) return []
    const groups = gateway.match(/.{4}/g) ?? []
    return [new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)]
  })
  return [...new Set(gateways)]
}
