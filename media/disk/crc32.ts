/** CRC-32 as GPT has it (UEFI 2.10 section 5.3.2: polynomial 0x04C11DB7, reflected; seed and final complement 0xFFFFFFFF). */

const table = Uint32Array.from({ length: 256 }, (_, octet) => {
  let rest = octet
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb8_8320 : rest >>> 1
  return rest
})

export function crc32(octets: Uint8Array): number {
  let rest = 0xffff_ffff
  for (const octet of octets) rest = (rest >>> 8) ^ (table[(rest ^ octet) & 0xff] ?? 0)
  return (rest ^ 0xffff_ffff) >>> 0
}
