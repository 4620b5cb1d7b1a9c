/**
 * The Range header (RFC 9110 section 14). A range that is not understood is ignored, as the document says,
 * and more ranges than a download can need are ignored too, so that nobody multiplies a file (security D09).
 */

export interface ByteRange {
  /** First and last octet, both included. */
  readonly first: number
  readonly last: number
}

export type RangeAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'ranges'; readonly ranges: readonly ByteRange[] }
  | { readonly kind: 'unsatisfiable' }

/** Readers of virtual media ask for one; PDF-like readers for a handful. */
export const rangesMax = 8

export function parseRange(header: string | undefined, bytes: number): RangeAnswer {
  if (header === undefined) return { kind: 'whole' }
  const [, list] = /^bytes\s*=\s*(.+)$/i.exec(header.trim()) ?? []
  if (list === undefined) return { kind: 'whole' }
  const specs = list.split(',', rangesMax + 1)
  if (specs.length > rangesMax) return { kind: 'whole' }
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const range = parseSpec(spec.trim(), bytes)
    if (range === 'malformed') return { kind: 'whole' }
    if (range !== 'outside') ranges.push(range)
  }
  if (ranges.length === 0) return { kind: 'unsatisfiable' }
  return { kind: 'ranges', ranges: mergeRanges(ranges) }
}

function parseSpec(spec: string, bytes: number): ByteRange | 'malformed' | 'outside' {
  const [, firstText, lastText] = /^([0-9]{0,15})-([0-9]{0,15})$/.exec(spec) ?? []
  if (firstText === undefined || lastText === undefined || firstText + lastText === '') return 'malformed'
  if (firstText === '') {
    const suffix = Math.min(Number(lastText), bytes)
    return suffix === 0 ? 'outside' : { first: bytes - suffix, last: bytes - 1 }
  }
  const first = Number(firstText)
  const last = lastText === '' ? bytes - 1 : Math.min(Number(lastText), bytes - 1)
  if (lastText !== '' && Number(lastText) < first) return 'malformed'
  return first >= bytes ? 'outside' : { first, last }
}

/** Overlapping and touching ranges become one, so an answer is never longer than the file (RFC 9110 section 14.2). */
function mergeRanges(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: ByteRange[] = []
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1)
    if (before === undefined || range.first > before.last + 1) merged.push(range)
    else merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) }
  }
  return merged
}
