/** A file as send-content.ts is given it, wherever it lies: the library, the administrator's directory, memory. */

import { assert } from '../assert.ts'
import type { Sha256 } from '../site/content.ts'
import type { ByteRange } from './byte-range.ts'

export interface ContentToSend {
  readonly bytes: number
  /** Absent: nobody has read all of it yet, and `tag` tells it from others. */
  readonly sha256?: Sha256
  readonly tag?: string
  readonly type: string
  readonly lastModifiedMs?: number
  readonly cacheControl: string
  open(): Promise<OpenContent>
}

export type HashedContent = ContentToSend & { readonly sha256: Sha256 }

export function isHashed(content: ContentToSend): content is HashedContent {
  return content.sha256 !== undefined
}

/** What its entity tag is made of. */
export function tagOf({ sha256, tag }: Pick<ContentToSend, 'sha256' | 'tag'>): string {
  const known = sha256 ?? tag
  assert(known !== undefined, 'content has a hash or a tag')
  return known
}

export interface OpenContent {
  /** Of a plain file that holds the content from its first octet on. */
  readonly fileDescriptor?: number
  /** Of content that lies in several files: a range in its parts, in order. The file of one is open until the next is asked for. */
  readonly parts?: (range: ByteRange) => AsyncIterable<ContentPart>
  /** Exactly these octets; fewer is a fault of the disk and rejects. */
  read(position: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

export interface ContentPart {
  readonly range: ByteRange
  /** Where these octets lie as they are; absent: they are to be read. */
  readonly file?: FilePlace
}

export interface FilePlace {
  readonly descriptor: number
  /** Of the part's first octet. */
  readonly offset: number
}

/** Told after each slice; the whole answer counts as one transfer. */
export interface TransferWatcher {
  sent(bytes: number): void
  ended(complete: boolean): void
}
