/** What can go wrong with content that is not our own mistake: the source's, the disk's, the administrator's. */

import { systemErrorCode } from '../caught-error.ts'

export type ContentErrorCode =
  /** The octets are not those that were announced. */
  | 'hash-mismatch'
  /** The disk, or the share of it that the settings allow, is used up. */
  | 'full'
  /** A file of the library is missing, shortened or changed. */
  | 'damaged'

export class ContentError extends Error {
  override readonly name = 'ContentError'
  readonly code: ContentErrorCode

  constructor(code: ContentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** ENOSPC: disk; EDQUOT: quota of the user; EFBIG: limit of the process or the file system. */
const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

export function isDiskFull(error: unknown): boolean {
  return fullCodes.has(systemErrorCode(error) ?? '')
}
