/** What a DHCP answer names to be booted, as firmware reads it. */

import { decodeTerminatedText } from '../../wire/ascii.ts'
import { OptionCode } from '../../wire/dhcp-option-code.ts'
import type { DhcpPacket } from '../../wire/dhcp-packet.ts'

/** `file`, or option 67 up to a NUL. */
export function bootFileIn(packet: DhcpPacket): string | undefined {
  const option = packet.options.get(OptionCode.bootFileName)
  const name = option === undefined ? packet.file : decodeTerminatedText(option)
  return name === '' ? undefined : name
}
