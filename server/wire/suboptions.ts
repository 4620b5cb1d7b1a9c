/**
 * Options inside an option: code, length, value, as options 43, 82 and 175 hold them. Garbage in there is common and
 * never fatal: the reader answers `undefined` and the packet lives on (B07, R23).
 */

import { ByteWriter } from './byte-writer.ts'
import { OptionCode } from './dhcp-option-code.ts'
import { encodeOption, optionBytes } from './dhcp-options.ts'

export type Suboptions = ReadonlyMap<number, Uint8Array>

/** `delimited`: 0 is padding and 255 ends (options 43 and 175); option 82 has neither. The first of a code counts. */
export function decodeSuboptions(octets: Uint8Array, delimited: boolean): Suboptions | undefined {
  const suboptions = new Map<number, Uint8Array>()
  let offset = 0
  while (offset < octets.length) {
    const code = octets[offset] ?? 0
    offset += 1
    if (delimited && code === OptionCode.end) break
    if (delimited && code === OptionCode.pad) continue
    const length = octets[offset]
    if (length === undefined || offset + 1 + length > octets.length) return undefined
    if (!suboptions.has(code)) suboptions.set(code, octets.slice(offset + 1, offset + 1 + length))
    offset += 1 + length
  }
  return suboptions
}

export function encodeSuboptions(suboptions: Suboptions, delimited: boolean): Uint8Array {
  const bytes = Array.from(suboptions.values(), optionBytes).reduce((sum, count) => sum + count, 0)
  const writer = new ByteWriter(bytes + 1)
  for (const [code, value] of suboptions) encodeOption(writer, code, value)
  if (delimited) writer.writeUint8(OptionCode.end)
  return writer.toBytes()
}
