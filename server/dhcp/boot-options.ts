/**
 * The boot data of a reply: `siaddr`, `file` and options 43, 60, 66, 67 and 175. Defined by PXE 2.1, RFC 4578 and the
 * UEFI specification; shaped by what clients do with it, which is written beside each rule.
 *
 * - A BIOS ROM takes `file` at once when option 43 holds discovery control 8, in every mode (R08).
 * - EDK2 takes a proxy offer that has option 60 but no option 43 for BINL, and asks `siaddr` on port 4011 for the
 *   file (PxeBcDhcp4.c, PxeBcRetryBinlOffer). One that has option 43 should be used at once, but many EDK2 releases
 *   drop it instead: PxeBcCacheDhcp4Offer keeps such a proxy offer only when it already has one. dnsmasq and
 *   pixiecore leave option 43 out for UEFI too, so we do (R10).
 * - In an offer with an address, option 43 with discovery control 8 makes it EDK2's first choice and spares port 4011
 *   (PxeBcSelectDhcp4Offer, PxeBcSelectBootPrompt; R12); with option 60 alone it would ask port 4011 again.
 * - iPXE uses a proxy offer that has `siaddr` and a file name as it is, else it asks port 4011 (dhcp.c,
 *   dhcp_has_pxeopts; R27). Its `file` is the URL of a script.
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import { assert } from '../assert.ts'
import { OptionCode } from '../wire/dhcp-option-code.ts'
import type { DhcpOption } from '../wire/dhcp-options.ts'
import type { DhcpPacket } from '../wire/dhcp-packet.ts'
import { textOctets } from '../wire/encoded-once.ts'
import {
  decodePxeOptions,
  discoveryControl,
  encodeNoProxyDhcp,
  encodePxeOptions,
  PxeSuboption,
} from '../wire/pxe-vendor-options.ts'
import type { BootPart } from './dhcp-answer.ts'
import type { BootRequest } from './dhcp-client.ts'

export interface BootFields {
  readonly siaddr: Ipv4Address
  readonly file: string
  readonly options: readonly DhcpOption[]
}

export interface BootContext {
  readonly request: DhcpPacket
  /** The answer carries no address. */
  readonly isProxy: boolean
  readonly isOffer: boolean
  readonly serverAddress: Ipv4Address
}

const useBootFile = new Map([[PxeSuboption.discoveryControl, Uint8Array.of(discoveryControl.useBootFile)]])
const useBootFileOctets = encodePxeOptions(useBootFile)
const noProxyDhcp = encodeNoProxyDhcp()

/** `file` has room for a terminator (PX-13). */
const fileNameBytesMax = 127

export function bootFields(boot: BootRequest, part: BootPart, context: BootContext): BootFields {
  assert(fits(boot, part), 'firmware that fetches by HTTP gets a URL and firmware that fetches by TFTP a name (UH-03)')
  const name = part.kind === 'http' ? part.url : part.file
  assert(part.kind === 'http' || name.length <= fileNameBytesMax, 'a TFTP file name must fit the field `file`')
  const options: DhcpOption[] = [[OptionCode.vendorClass, textOctets(boot.vendorClass)]]
  const vendorOptions = vendorOptionsFor(boot, context)
  if (vendorOptions !== undefined) options.push([OptionCode.vendorSpecificInformation, vendorOptions])
  options.push([OptionCode.bootFileName, bootFileOption(boot, part)])
  const siaddr = context.serverAddress
  if (part.kind === 'tftp') options.push([OptionCode.tftpServerName, textOctets(siaddr)])
  if (!context.isProxy && boot.client.stage !== 'firmware') options.push([OptionCode.ipxe, noProxyDhcp])
  return { siaddr, file: name.length <= fileNameBytesMax ? name : '', options }
}

function fits(boot: BootRequest, part: BootPart): boolean {
  if (boot.client.stage !== 'firmware') return true
  return boot.client.platform.transport === part.kind && (boot.vendorClass === 'HTTPClient') === (part.kind === 'http')
}

/** Old ROMs read option 67 up to a NUL, and EDK2 writes one behind it if it is missing (R04). URLs are taken by length. */
function bootFileOption(boot: BootRequest, part: BootPart): Uint8Array {
  if (part.kind === 'http') return textOctets(part.url)
  return textOctets(boot.client.stage === 'firmware' ? `${part.file}\0` : part.file)
}

/** Option 43, or undefined where it must be left out. */
function vendorOptionsFor(boot: BootRequest, context: BootContext): Uint8Array | undefined {
  if (boot.vendorClass === 'HTTPClient') return undefined
  const usesBootFile = !context.isProxy || boot.client.platform.firmware === 'bios'
  // A client that chose an item waits for an ACK that names it again (PX-04, B03).
  const item = context.isOffer ? undefined : askedBootItem(context.request)
  if (item === undefined) return usesBootFile ? useBootFileOctets : undefined
  return encodePxeOptions(new Map([...(usesBootFile ? useBootFile : []), [PxeSuboption.bootItem, item]]))
}

function askedBootItem(request: DhcpPacket): Uint8Array | undefined {
  const value = request.options.get(OptionCode.vendorSpecificInformation)
  const item = value === undefined ? undefined : decodePxeOptions(value)?.get(PxeSuboption.bootItem)
  return item?.length === bootItemBytes ? item : undefined
}

/** Type and layer, 16 bits each. */
const bootItemBytes = 4
