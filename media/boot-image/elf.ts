/**
 * What the image builder wants to know of ELF files (System V ABI, 64 bits, little endian): the libraries a
 * program needs, the sections of a kernel module, and a program without its symbols. Nothing else of ELF is here.
 */

export interface Elf {
  /** File names of the libraries it was linked with, such as `libc.so.6`. */
  readonly needed: readonly string[]
  /** Path of the program loader; absent for libraries and static programs. */
  readonly interpreter?: string
}

const segmentType = { load: 1, dynamic: 2, interpreter: 3 } as const
const dynamicTag = { needed: 1n, stringTable: 5n } as const

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: bigint
  readonly fileBytes: number
}

/** Absent when the file is no 64-bit little-endian ELF file. */
export function decodeElf(bytes: Uint8Array): Elf | undefined {
  if (!isElf(bytes)) return undefined
  const all = segments(bytes)
  const interpreter = all.find((segment) => segment.type === segmentType.interpreter)
  return {
    needed: neededLibraries(bytes, all),
    ...(interpreter === undefined ? {} : { interpreter: textAt(bytes, interpreter.offset) }),
  }
}

/**
 * The file up to the end of its last loaded segment, with no section table. The symbols of Node are 17 MB of
 * it and only a debugger reads them. `strip` would do the same, but knows only its own architecture.
 */
export function withoutSymbols(bytes: Uint8Array): Uint8Array {
  const end = Math.max(...segments(bytes).map((segment) => segment.offset + segment.fileBytes))
  const result = new Uint8Array(bytes.subarray(0, end))
  const view = viewOf(result)
  view.setBigUint64(0x28, 0n, true)
  view.setUint16(0x3c, 0, true)
  view.setUint16(0x3e, 0, true)
  return result
}

/** Contents of the named section; absent when there is none. */
export function elfSection(bytes: Uint8Array, name: string): Uint8Array | undefined {
  if (!isElf(bytes)) return undefined
  const view = viewOf(bytes)
  const table = Number(view.getBigUint64(0x28, true))
  const entryBytes = view.getUint16(0x3a, true)
  const count = view.getUint16(0x3c, true)
  const range = (index: number): { offset: number; size: number } => ({
    offset: Number(view.getBigUint64(table + index * entryBytes + 24, true)),
    size: Number(view.getBigUint64(table + index * entryBytes + 32, true)),
  })
  const names = range(view.getUint16(0x3e, true)).offset
  for (let index = 0; index < count; index++) {
    if (textAt(bytes, names + view.getUint32(table + index * entryBytes, true)) !== name) continue
    const { offset, size } = range(index)
    return bytes.subarray(offset, offset + size)
  }
  return undefined
}

function isElf(bytes: Uint8Array): boolean {
  return bytes.length >= 64 && [0x7f, 0x45, 0x4c, 0x46, 2, 1].every((octet, index) => bytes[index] === octet)
}

function segments(bytes: Uint8Array): Segment[] {
  const view = viewOf(bytes)
  const table = Number(view.getBigUint64(0x20, true))
  const entryBytes = view.getUint16(0x36, true)
  return Array.from({ length: view.getUint16(0x38, true) }, (_, index) => {
    const at = table + index * entryBytes
    return {
      type: view.getUint32(at, true),
      offset: Number(view.getBigUint64(at + 8, true)),
      address: view.getBigUint64(at + 16, true),
      fileBytes: Number(view.getBigUint64(at + 32, true)),
    }
  })
}

function neededLibraries(bytes: Uint8Array, all: readonly Segment[]): string[] {
  const dynamic = all.find((segment) => segment.type === segmentType.dynamic)
  if (dynamic === undefined) return []
  const view = viewOf(bytes)
  const needed: number[] = []
  let stringTable = 0
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.fileBytes; at += 16) {
    const value = view.getBigUint64(at + 8, true)
    const tag = view.getBigInt64(at, true)
    if (tag === dynamicTag.needed) needed.push(Number(value))
    if (tag === dynamicTag.stringTable) stringTable = fileOffset(value, all)
  }
  return needed.map((offset) => textAt(bytes, stringTable + offset))
}

function fileOffset(address: bigint, all: readonly Segment[]): number {
  const holder = all.find(
    (segment) =>
      segment.type === segmentType.load &&
      address >= segment.address &&
      address < segment.address + BigInt(segment.fileBytes),
  )
  if (holder === undefined) throw new Error(`address ${address} is in no loaded segment`)
  return holder.offset + Number(address - holder.address)
}

function textAt(bytes: Uint8Array, offset: number): string {
  return new TextDecoder().decode(bytes.subarray(offset, bytes.indexOf(0, offset)))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
