/** What was thrown, as text or as an Error. A `catch` may be given anything, and an Error is not JSON by itself. */

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** For the log, and only for it: says where in the program it was. */
export function printFault(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** Of a failed system call or library, such as `ENOENT`. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
