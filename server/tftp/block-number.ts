/**
 * Blocks are counted from 1 without end inside the server; on the wire a number has 16 bits (RFC 1350). After 65535
 * comes 0, or 1 for a few old clients (T09). Index 0 stands for the OACK, which is acknowledged as block 0.
 */

const numbers = 65_536

export function blockNumber(index: number, blockAfterWrap: 0 | 1): number {
  if (blockAfterWrap === 0 || index === 0) return index % numbers
  return ((index - 1) % (numbers - 1)) + 1
}

/** How many blocks beyond `index` the acknowledged number is; old numbers come out larger than any window. */
export function blocksBeyond(index: number, number: number, blockAfterWrap: 0 | 1): number {
  if (blockAfterWrap === 0) return (number - (index % numbers) + numbers) % numbers
  if (index === 0) return number
  if (number === 0) return numbers
  return (number - blockNumber(index, 1) + numbers - 1) % (numbers - 1)
}
