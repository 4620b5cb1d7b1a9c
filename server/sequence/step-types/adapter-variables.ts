/**
 * Cards that variables describe instead of the step (S1-059, S2-072): OSDAdapterCount of them, counted from 0. Without the
 * count every OSDAdapter variable is ignored. The result is a document, which network-adapter.ts judges; and back, for
 * Capture Network Settings (S2-070).
 */

import { parseIpv4Address } from '../../address/ipv4-address.ts'
import type { Written } from '../step-type.ts'
import type { NetworkAdapter } from './network-adapter.ts'

/** More than any machine has; the definition says what is too many. */
const adaptersReadMax = 64

export const adapterCountVariable = 'OSDAdapterCount'

export function adaptersFromVariables(variable: (name: string) => string): Written {
  const text = variable(adapterCountVariable).trim()
  if (text === '') return {}
  const count = /^[0-9]{1,3}$/.test(text) ? Math.min(Number(text), adaptersReadMax) : 0
  const adapters = Array.from({ length: count }, (_, index) =>
    adapterOf((name) => variable(`OSDAdapter${index}${name}`).trim()),
  )
  return { adapters: /^[0-9]{1,3}$/.test(text) ? adapters : text }
}

function adapterOf(member: (name: string) => string): Written {
  const dhcp = flagOf(member('EnableDHCP'))
  const netbios = { '0': 'dhcp', '1': 'on', '2': 'off' }[member('TcpipNetbiosOptions')]
  return {
    // S2-072: it has to be said for each card.
    dhcp: dhcp ?? '',
    // Ignored unless DHCP is off.
    ...(dhcp === false ? { addresses: addressesOf(member), gateways: splitList(member('Gateways')) } : {}),
    ...(member('Name') === '' ? {} : { name: member('Name') }),
    ...(member('MacAddress') === '' ? {} : { macAddress: member('MacAddress') }),
    ...(/^[0-9]{1,2}$/.test(member('Index')) ? { cardNumber: Number(member('Index')) } : {}),
    dnsServers: splitList(member('DNSServerList')),
    dnsDomain: member('DNSDomain'),
    ...withFlag('registerInDns', member('EnableDNSRegistration')),
    ...withFlag('registerWithDomain', member('EnableFullDNSRegistration')),
    ...(netbios === undefined ? {} : { netbios }),
    winsServers: flagOf(member('EnableWINS')) === false ? [] : splitList(member('WINSServerList')),
  }
}

/** Names without `OSDAdapter` and number, and their values. */
export function adapterVariables(adapter: NetworkAdapter): Readonly<Record<string, string>> {
  const pairs = adapter.addresses.map((address) => address.split('/'))
  return {
    EnableDHCP: adapter.dhcp ? 'True' : 'False',
    IPAddressList: pairs.map(([address = '']) => address).join(','),
    SubnetMask: pairs.map(([, prefix = '']) => maskOf(Number(prefix))).join(','),
    Gateways: adapter.gateways.join(','),
    DNSServerList: adapter.dnsServers.join(','),
    DNSDomain: adapter.dnsDomain,
    EnableDNSRegistration: adapter.registerInDns ? 'True' : 'False',
    EnableFullDNSRegistration: adapter.registerWithDomain ? 'True' : 'False',
    MacAddress: adapter.macAddress,
    Name: adapter.name,
  }
}

/** Each address with the length of the mask at its place; a mask that is none makes the address a fault. */
function addressesOf(member: (name: string) => string): readonly string[] {
  const masks = splitList(member('SubnetMask'))
  return splitList(member('IPAddressList')).map((address, index) => {
    const mask = masks[index] ?? ''
    return `${address}/${prefixOf(mask) ?? mask}`
  })
}

function prefixOf(mask: string): number | undefined {
  const parsed = parseIpv4Address(mask)
  if (parsed === undefined) return undefined
  const bits = mask
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('')
  return /^1+0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined
}

function maskOf(prefix: number): string {
  const bits = '1'.repeat(prefix).padEnd(32, '0')
  return [0, 8, 16, 24].map((start) => Number.parseInt(bits.slice(start, start + 8), 2)).join('.')
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function withFlag(name: string, text: string): Written {
  return text === '' ? {} : { [name]: flagOf(text) ?? text }
}

function flagOf(text: string): boolean | undefined {
  const word = text.toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : undefined
}
