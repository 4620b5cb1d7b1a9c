/** Numbers that ISO 9660 has twice, little-endian first (ECMA-119 sections 7.2.3 and 7.3.3), and its blocks. */

/** The logical block, which is the sector of a disc (ECMA-119 sections 6.1.2 and 6.2.2). */
export const blockBytes = 2_048

export function setBoth16(view: DataView, offset: number, value: number): void {
  view.setUint16(offset, value, true)
  view.setUint16(offset + 2, value)
}

export function setBoth32(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value, true)
  view.setUint32(offset + 4, value)
}

export function blocksOf(octets: number): number {
  return Math.ceil(octets / blockBytes)
}
