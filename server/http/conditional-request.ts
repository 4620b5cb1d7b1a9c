/**
 * Conditional requests in the order of RFC 9110 section 13.2.2. Pure: headers and the validators of what would be
 * sent go in, the verdict comes out. Firmware resumes with `Range` and `If-Match` or `If-Unmodified-Since` (H07).
 */

export interface Validators {
  /** A strong entity tag, with its quotes. */
  readonly etag: string
  /** Absent when no honest date is known; conditions on dates are then not looked at. */
  readonly lastModifiedMs?: number
}

export interface ConditionHeaders {
  readonly 'if-match'?: string | undefined
  readonly 'if-none-match'?: string | undefined
  readonly 'if-modified-since'?: string | undefined
  readonly 'if-unmodified-since'?: string | undefined
  readonly 'if-range'?: string | undefined
}

export type Verdict = 'send' | 'send-without-range' | 'not-modified' | 'precondition-failed'

export function judgeConditions(headers: ConditionHeaders, validators: Validators): Verdict {
  if (headers['if-match'] !== undefined) {
    if (!listMatches(headers['if-match'], validators.etag, 'strong')) return 'precondition-failed'
  } else if (isModifiedSince(headers['if-unmodified-since'], validators) === true) return 'precondition-failed'
  if (headers['if-none-match'] !== undefined) {
    if (listMatches(headers['if-none-match'], validators.etag, 'weak')) return 'not-modified'
  } else if (isModifiedSince(headers['if-modified-since'], validators) === false) return 'not-modified'
  return ifRangeHolds(headers['if-range'], validators) ? 'send' : 'send-without-range'
}

/** A date that cannot be read is ignored (RFC 9110 section 13.1.3): undefined. */
function isModifiedSince(header: string | undefined, validators: Validators): boolean | undefined {
  if (header === undefined || validators.lastModifiedMs === undefined) return undefined
  const since = Date.parse(header)
  if (Number.isNaN(since)) return undefined
  return wholeSeconds(validators.lastModifiedMs) > since
}

/** A weak tag never matches, and a date must be exactly ours (RFC 9110 section 13.1.5). */
function ifRangeHolds(header: string | undefined, validators: Validators): boolean {
  if (header === undefined) return true
  const value = header.trim()
  if (value.startsWith('"') || value.startsWith('W/')) return value === validators.etag
  return validators.lastModifiedMs !== undefined && Date.parse(value) === wholeSeconds(validators.lastModifiedMs)
}

function listMatches(header: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (header.trim() === '*') return true
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? []
  return tags.some((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag)
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000
}
