/** A file as send-content.ts is given it, wherever it lies: the library, the administrator's directory, memory. */

import type { Sha256 } from '../site/content.ts'

export interface ContentToSend {
  readonly bytes: number
  readonly sha256: Sha256
  readonly type: string
  readonly lastModifiedMs?: number
  readonly cacheControl: string
  open(): Promise<OpenContent>
}

export interface OpenContent {
  /** Of a plain file that holds the content from its first octet on. */
  readonly fileDescriptor?: number
  /** Exactly these octets; fewer is a fault of the disk and rejects. */
  read(position: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Told after each slice; the whole answer counts as one transfer. */
export interface TransferWatcher {
  sent(bytes: number): void
  ended(complete: boolean): void
}
