/**
 * Who is asking? From a decoded message to a DhcpClient, or to the reason for silence. RFC 2131 and RFC 4578 say what
 * clients should send; the ids in comments (peers.md section 6.1) say what they do send. Modes, pools and decisions
 * are not known here.
 */

import { decodeMacAddress, isMeaningfulMacAddress, type MacAddress } from '../address/mac-address.ts'
import { decodeSmbiosGuid, isMeaningfulSmbiosGuid, type SmbiosGuid } from '../address/smbios-guid.ts'
import type { BootStage, Platform } from '../boot/pxe-client.ts'
import { printHex } from '../address/hexadecimal.ts'
import { printOctets, startsWithText } from '../wire/ascii.ts'
import { architectureInVendorClass, decodeClientArchitectures } from '../wire/client-architecture.ts'
import { OptionCode } from '../wire/dhcp-option-code.ts'
import { messageTypeOf, type MessageTypeName } from '../wire/dhcp-option-values.ts'
import { BOOTREQUEST, type DhcpPacket } from '../wire/dhcp-packet.ts'
import { decodeIpxeFeatures, IpxeFeature } from '../wire/pxe-vendor-options.ts'
import { decodeUserClasses } from '../wire/user-class.ts'
import type { BootRequest, DhcpClient, NotForUs, NotForUsCount, ServerPort } from './dhcp-client.ts'
import { hardwareKey } from './hardware-key.ts'
import { otherPlatform, platformOf } from './platform.ts'
import { isRaspberryPiRom, namesRaspberryPi, raspberryPiCode } from './raspberry-pi.ts'

/** The user class of a loader that carries our script: it is not sent round again (D15, PX-15). */
const ownUserClass = 'Reveille'

/** RFC 1542 section 4.1.1 allows 16; L07 asks to drop at 16, and no real path is that long. */
const hopsLimit = 16
const ethernet = 1

export function classify(packet: DhcpPacket, port: ServerPort): DhcpClient | NotForUs {
  if (packet.op !== BOOTREQUEST) return notForUs('not-a-request', 'op says that it is a reply')
  if (packet.hops >= hopsLimit) return notForUs('too-many-hops', `it passed ${packet.hops} relays`)
  const messageType = messageTypeOf(packet)
  if (messageType === undefined) return notForUs('bootp', 'no message type in option 53')
  if (messageType === 'DHCPLEASEQUERY') return notForUs('leasequery', 'lease queries are not answered')
  if (!messagesOf[port].has(messageType)) return notForUs('unexpected-message', `${messageType} on port ${port}`)
  const macAddress = macAddressOf(packet)
  if (macAddress === undefined) return notForUs('no-mac-address', 'neither chaddr nor option 61 holds a MAC address')
  const boot = bootRequestOf(packet, macAddress)
  if (boot?.kind === 'not-for-us') return boot
  if (boot === undefined && port === 4011) return notForUs('not-a-boot-client', 'no PXEClient or HTTPClient')
  return {
    kind: 'dhcp-client',
    packet,
    messageType,
    port,
    macAddress,
    clientKey: clientKeyOf(packet, macAddress),
    ...(boot === undefined ? {} : { boot: boot.request }),
    remarks: boot?.remarks ?? [],
  }
}

/** PXE 2.1 sends REQUEST to the boot server; DISCOVER and INFORM are seen there as well (B04). */
const messagesOf: Readonly<Record<ServerPort, ReadonlySet<MessageTypeName>>> = {
  67: new Set(['DHCPDISCOVER', 'DHCPREQUEST', 'DHCPDECLINE', 'DHCPRELEASE', 'DHCPINFORM']),
  4011: new Set(['DHCPDISCOVER', 'DHCPREQUEST', 'DHCPINFORM']),
}

function notForUs(count: NotForUsCount, reason: string): NotForUs {
  return { kind: 'not-for-us', reason, count }
}

/** EDK2 can send the machine's GUID as a hardware address of 16 octets; option 61 then has the MAC (D11). */
function macAddressOf(packet: DhcpPacket): MacAddress | undefined {
  const identifier = packet.options.get(OptionCode.clientIdentifier)
  const inIdentifier = identifier?.[0] === ethernet ? decodeMacAddress(identifier.subarray(1)) : undefined
  const inHeader = packet.htype === ethernet ? decodeMacAddress(packet.chaddr) : undefined
  const found = packet.chaddr.length === guidBytes ? inIdentifier : inHeader
  return found !== undefined && isMeaningfulMacAddress(found) ? found : undefined
}

const guidBytes = 16

function clientKeyOf(packet: DhcpPacket, macAddress: MacAddress): string {
  const identifier = packet.options.get(OptionCode.clientIdentifier)
  // RFC 2132 section 9.14: at least two octets, or it identifies nothing.
  return identifier !== undefined && identifier.length >= 2 ? printHex(identifier) : hardwareKey(macAddress)
}

interface Recognised {
  readonly kind: 'recognised'
  readonly request: BootRequest
  readonly remarks: readonly string[]
}

/** Undefined: an ordinary DHCP client, such as an installed system, a BMC or a switch (D02, D17, D21). */
function bootRequestOf(packet: DhcpPacket, macAddress: MacAddress): Recognised | NotForUs | undefined {
  const vendorClass = bootClassOf(packet)
  if (vendorClass === undefined) return undefined
  const smbiosGuid = smbiosGuidOf(packet)
  const { stage } = ipxeOf(packet)
  const platform = readPlatform(packet, macAddress, vendorClass)
  if (platform === undefined) return notForUs('architecture-unclear', 'option 93 is missing or has an odd length')
  const remarks = remarksOf(packet)
  return {
    kind: 'recognised',
    request: {
      client: {
        macAddress,
        ...(smbiosGuid === undefined ? {} : { smbiosGuid }),
        // Option 60 names the protocol that the firmware runs; a number that says otherwise does not change it (UH-03).
        platform: { ...platform, transport: vendorClass === 'HTTPClient' ? 'http' : 'tftp' },
        stage,
      },
      vendorClass,
    },
    remarks,
  }
}

/** Option 60 is octets: no terminator is expected and no length but the prefix's (D4-21). */
function bootClassOf(packet: DhcpPacket): 'PXEClient' | 'HTTPClient' | undefined {
  const vendorClass = packet.options.get(OptionCode.vendorClass)
  if (vendorClass === undefined) return namesRaspberryPi(packet) ? 'PXEClient' : undefined
  if (startsWithText(vendorClass, 'PXEClient')) return 'PXEClient'
  return startsWithText(vendorClass, 'HTTPClient') ? 'HTTPClient' : undefined
}

/** Option 93 first, then the text of option 60 (D01); a bare `PXEClient` is a BIOS ROM (D08). */
function readPlatform(
  packet: DhcpPacket,
  macAddress: MacAddress,
  vendorClass: BootRequest['vendorClass'],
): Platform | undefined {
  const option = packet.options.get(OptionCode.clientSystemArchitecture)
  const listed = option === undefined ? undefined : decodeClientArchitectures(option)
  const codes = listed ?? codesInVendorClass(packet)
  if (isRaspberryPiRom(packet, macAddress, codes)) return otherPlatform(raspberryPiCode)
  if (codes.length > 0) return platformOf(codes)
  const nothingElseIsKnown = option === undefined && vendorClass === 'PXEClient' && !saysUefi(packet)
  return nothingElseIsKnown ? platformOf([0]) : undefined
}

function codesInVendorClass({ options }: DhcpPacket): readonly number[] {
  const code = architectureInVendorClass(options.get(OptionCode.vendorClass) ?? new Uint8Array(0))
  return code === undefined ? [] : [code]
}

/** RFC 4578 section 2.2: interface revision 3 and later exists in UEFI only. Or iPXE's own word for it. */
function saysUefi(packet: DhcpPacket): boolean {
  const networkInterface = packet.options.get(OptionCode.clientNetworkInterface)
  const isUefiInterface = networkInterface?.length === 3 && (networkInterface[1] ?? 0) >= 3
  return isUefiInterface || (ipxeOf(packet).features?.has(IpxeFeature.efi) ?? false)
}

/** Option 77, or option 175 for builds that leave 77 out (D07, D13, D14). */
function ipxeOf(packet: DhcpPacket): { readonly stage: BootStage; readonly features?: ReadonlySet<number> } {
  const userClass = packet.options.get(OptionCode.userClass)
  const encapsulated = packet.options.get(OptionCode.ipxe)
  if (userClass === undefined && encapsulated === undefined) return { stage: 'firmware' }
  const classes = decodeUserClasses(userClass ?? new Uint8Array(0))
  const features = encapsulated === undefined ? undefined : decodeIpxeFeatures(encapsulated)
  const said = features === undefined ? {} : { features }
  if (classes.includes(ownUserClass)) return { stage: 'ours', ...said }
  if (!classes.includes('iPXE') && encapsulated === undefined) return { stage: 'firmware' }
  // A build without HTTP cannot fetch a script, so it gets our loader like any ROM (D16).
  const listsFeatures = features !== undefined && features.size > 0
  return listsFeatures && !features.has(IpxeFeature.http) ? { stage: 'firmware', ...said } : { stage: 'ipxe', ...said }
}

/** Type 0 and 16 octets; or, in EDK2's GUID mode, the hardware address (D09, D11, PX-09). A Pi's code is no GUID (S02). */
function smbiosGuidOf(packet: DhcpPacket): SmbiosGuid | undefined {
  if (namesRaspberryPi(packet)) return undefined
  const option = packet.options.get(OptionCode.clientMachineIdentifier)
  const inOption = option?.[0] === 0 ? decodeSmbiosGuid(option.subarray(1)) : undefined
  const found = inOption ?? decodeSmbiosGuid(packet.chaddr)
  return found !== undefined && isMeaningfulSmbiosGuid(found) ? found : undefined
}

function remarksOf(packet: DhcpPacket): readonly string[] {
  const remarks: string[] = []
  const architecture = packet.options.get(OptionCode.clientSystemArchitecture)
  if (architecture !== undefined && decodeClientArchitectures(architecture) === undefined) {
    remarks.push(`option 93 has ${architecture.length} octets and is ignored`)
  }
  const identifier = packet.options.get(OptionCode.clientMachineIdentifier)
  if (identifier !== undefined && !(identifier.length === guidBytes + 1 && identifier[0] === 0)) {
    remarks.push(`option 97 is no GUID: ${printOctets(identifier)}`)
  }
  return remarks
}
