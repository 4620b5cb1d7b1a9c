/** Texts of settings become what they stand for; undefined: they are no such thing, which config.ts says. */

import {
  type Ipv4Address,
  type Ipv4Subnet,
  ipv4ToNumber,
  parseIpv4Address,
  parseIpv4Subnet,
} from './address/ipv4-address.ts'
import { type MacAddress, parseMacAddress } from './address/mac-address.ts'
import { parseSmbiosGuid } from './address/smbios-guid.ts'
import type { TftpLimitRule } from './tftp/limits-of-client.ts'
import { blockBytesLargest, defaultTftpLimits, plainBlockBytes } from './tftp/negotiate.ts'

/** It stands on screens, so it holds nothing that moves them about. */
export function parseLabel(text: string): string | undefined {
  const label = text.trim()
  return label === '' || label.length > 255 || /\p{Cc}/u.test(label) ? undefined : label
}

export function parsePool(text: string): { first: Ipv4Address; last: Ipv4Address } | undefined {
  const [firstText = '', lastText = '', ...rest] = text.split('-')
  const first = parseIpv4Address(firstText)
  const last = parseIpv4Address(lastText)
  if (first === undefined || last === undefined || rest.length > 0) return undefined
  return ipv4ToNumber(first) <= ipv4ToNumber(last) ? { first, last } : undefined
}

export function parseRelay(text: string): Ipv4Subnet | undefined {
  return parseIpv4Subnet(text.includes('/') ? text : `${text}/32`)
}

export function parseReservation(text: string): { macAddress: MacAddress; address: Ipv4Address } | undefined {
  const [macText = '', addressText = '', ...rest] = text.split('=')
  const macAddress = parseMacAddress(macText)
  const address = parseIpv4Address(addressText)
  if (macAddress === undefined || address === undefined || rest.length > 0) return undefined
  return { macAddress, address }
}

/** `00:0c:29=4`, `192.168.9.0/24=16x1024`: whose, the most blocks in a window, and the most octets in a block. */
export function parseTftpLimit(text: string): TftpLimitRule | undefined {
  const [, who = '', window = '', block] = /^([^=]+)=([0-9]{1,2})(?:x([0-9]{3,5}))?$/.exec(text) ?? []
  const whose = parseWhose(who)
  const windowBlocksMax = Number(window)
  const blockBytesMax = block === undefined ? undefined : Number(block)
  if (whose === undefined || windowBlocksMax < 1 || windowBlocksMax > defaultTftpLimits.windowBlocksMax)
    return undefined
  if (blockBytesMax === undefined) return { whose, limits: { windowBlocksMax } }
  if (blockBytesMax < plainBlockBytes || blockBytesMax > blockBytesLargest) return undefined
  return { whose, limits: { windowBlocksMax, blockBytesMax } }
}

function parseWhose(text: string): TftpLimitRule['whose'] | undefined {
  const prefix = text.toLowerCase().replaceAll('-', ':')
  if (/^([0-9a-f]{2}:){2,5}[0-9a-f]{2}$/.test(prefix)) return { kind: 'card', prefix }
  const subnet = parseRelay(text)
  return subnet && { kind: 'network', subnet }
}

export function parseHostAndPort(text: string): { host: string; port: number } | undefined {
  const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/.exec(text)
  const [, host, port] = match ?? []
  if (host === undefined || port === undefined || Number(port) > 65_535) return undefined
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

export function parseOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === text ? text : undefined
}

export function parseIdentifier(text: string): string | undefined {
  return parseMacAddress(text) ?? parseSmbiosGuid(text)
}
