/** What goes wrong with the store itself: the disk, the file, the queue. A refused edit is not an error (ports.ts). */

export type StoreErrorCode =
  /** The database cannot be opened or brought up to date. */
  | 'cannot-open'
  /** The transaction did not reach the disk; nothing in it happened. */
  | 'not-written'
  /** More is waiting than the disk can take; try again. */
  | 'overloaded'
  | 'closed'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
