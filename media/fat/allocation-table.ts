/** The table that a FAT volume has its name from (Microsoft FAT specification 1.03, "FAT Data Structure"). */

import { mediaDescriptor } from './boot-sector.ts'

/**
 * The entries of clusters that are used, without the zeros behind them. Chains follow each other from cluster 2 on, and
 * each is in one piece, so their lengths say all.
 */
export function encodeAllocationTable(bits: 12 | 16 | 32, chainLengths: readonly number[]): Uint8Array {
  const used = chainLengths.reduce((total, length) => total + length, 2)
  const octets = new Uint8Array(Math.ceil((used * bits) / 8))
  const view = new DataView(octets.buffer)
  const endOfChain = bits === 32 ? 0x0fff_ffff : 2 ** bits - 1
  const put = entryWriter[bits]
  put(view, 0, endOfChain - 0xff + mediaDescriptor)
  put(view, 1, endOfChain)
  let cluster = 2
  for (const length of chainLengths) {
    for (const end = cluster + length - 1; cluster < end; cluster++) put(view, cluster, cluster + 1)
    if (length > 0) put(view, cluster++, endOfChain)
  }
  return octets
}

const entryWriter = {
  /** Two entries share three octets, low half first. */
  12: (view: DataView, cluster: number, value: number) => {
    const at = cluster + (cluster >> 1)
    const isOdd = cluster % 2 === 1
    view.setUint8(at, isOdd ? view.getUint8(at) | ((value & 0xf) << 4) : value & 0xff)
    view.setUint8(at + 1, isOdd ? value >> 4 : value >> 8)
  },
  16: (view: DataView, cluster: number, value: number) => view.setUint16(cluster * 2, value, true),
  32: (view: DataView, cluster: number, value: number) => view.setUint32(cluster * 4, value, true),
} as const
