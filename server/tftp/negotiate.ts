/**
 * What of the asked options is granted (RFC 2347, 2348, 2349, 7440). An answer holds only what was asked and never
 * more than was asked (T04): firmware aborts otherwise. Does not know who asks; limits for a client are an argument.
 */

import type { RequestedOptions, TftpOption } from '../wire/tftp-options.ts'

export interface TftpLimits {
  /** Of the largest block granted, such as `blockBytesForMtu` of the outgoing interface (T05). */
  readonly blockBytesMax: number
  readonly windowBlocksMax: number
  /** Of all unacknowledged packets of one transfer, whatever is asked (TF-41). */
  readonly bytesInFlightMax: number
  /** Block 65535 is followed by 0 in almost every client; a few old ones expect 1 (T09). */
  readonly blockAfterWrap: 0 | 1
}

export interface Negotiated {
  readonly blockBytes: number
  readonly windowBlocks: number
  /** The client's own wish; the adaptive timeout never waits longer. */
  readonly timeoutMs?: number
  /** Empty: no OACK, the first DATA answers the request. */
  readonly acknowledged: readonly TftpOption[]
}

/** RFC 1350, without options. */
export const plainBlockBytes = 512
export const blockBytesLargest = 65_464
const blockBytesLeast = 8
/** IPv4, UDP and TFTP headers before a block. */
const headerBytes = 32

export const defaultTftpLimits: TftpLimits = {
  blockBytesMax: 1468,
  windowBlocksMax: 64,
  bytesInFlightMax: 1_048_576,
  blockAfterWrap: 0,
}

/** Datagrams that would be cut in fragments are dropped by many ROMs (T05). */
export function blockBytesForMtu(mtuBytes: number): number {
  return Math.min(blockBytesLargest, Math.max(plainBlockBytes, mtuBytes - headerBytes))
}

export function negotiate(requested: RequestedOptions, fileBytes: number, limits: TftpLimits): Negotiated {
  const acknowledged: TftpOption[] = []
  const grant = (name: string, value: number): number => {
    acknowledged.push({ name, value: String(value) })
    return value
  }
  const blockBytes =
    requested.blockBytes === undefined ? plainBlockBytes : grant('blksize', granted(requested.blockBytes, limits))
  const windowMost = Math.max(1, Math.floor(limits.bytesInFlightMax / (blockBytes + headerBytes)))
  const windowBlocks =
    requested.windowBlocks === undefined
      ? 1
      : grant('windowsize', Math.min(requested.windowBlocks, limits.windowBlocksMax, windowMost))
  if (requested.timeoutSeconds !== undefined) grant('timeout', requested.timeoutSeconds)
  if (requested.transferBytes !== undefined) grant('tsize', fileBytes)
  return {
    blockBytes,
    windowBlocks,
    ...(requested.timeoutSeconds !== undefined && { timeoutMs: requested.timeoutSeconds * 1000 }),
    acknowledged,
  }
}

function granted(blockBytes: number, limits: TftpLimits): number {
  return Math.min(blockBytes, Math.max(blockBytesLeast, Math.min(limits.blockBytesMax, blockBytesLargest)))
}
