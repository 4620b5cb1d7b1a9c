/**
 * What the TFTP listener asks of whoever keeps the files: a map of names to contents (security C06). The listener
 * never sees a path. Names arrive as `tftp/requested-name.ts` prints them, and two names are one file when
 * `caseBlindName` says so (T17).
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'

export interface BootFileSource {
  /** Undefined: there is no such file for this client. Rejects only when something is broken. */
  open(name: string, client: { readonly address: Ipv4Address }): Promise<BootFile | undefined>
}

/** One version of one file: its octets never change while it is open (TF-48). */
export interface BootFile {
  readonly bytes: number
  /** Files of equal version have equal octets, whatever their names: they share one cached copy (T24). */
  readonly version: string
  /** Exactly `length` octets, or fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>
  close(): void
}
