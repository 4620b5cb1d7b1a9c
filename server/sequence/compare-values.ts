/**
 * Order of values in conditions. Plain decimal numbers (any length, exact) are compared as numbers, everything else as
 * text, case-blind (S1-055). Versions are compared as Debian's policy manual, section 5.6.12, says: digits as numbers,
 * letters before other signs, `~` before everything, even the end; dotted numbers of other systems and versions of rpm
 * come out right by the same rules.
 */

/** Below 0: the first comes before the second. 0: they are the same number, or the same text. */
export function compareValues(first: string, second: string): number {
  const numbers = [parseDecimal(first), parseDecimal(second)] as const
  if (numbers[0] !== undefined && numbers[1] !== undefined) return compareDecimals(numbers[0], numbers[1])
  return compareText(first.toLowerCase(), second.toLowerCase())
}

export function compareText(first: string, second: string): number {
  if (first === second) return 0
  return first < second ? -1 : 1
}

/** Missing parts count as zero: `10.0` is `10`. An epoch (`1:2.0`) decides first, a revision (`-3`) last. */
export function compareVersions(first: string, second: string): number {
  const [one, other] = [splitVersion(first), splitVersion(second)]
  return (
    compareValues(one.epoch, other.epoch) ||
    compareParts(one.upstream, other.upstream) ||
    compareParts(one.revision, other.revision)
  )
}

interface Version {
  readonly epoch: string
  readonly upstream: string
  readonly revision: string
}

function splitVersion(text: string): Version {
  const [, epoch = '0', rest = ''] = /^(?:([0-9]+):)?(.*)$/s.exec(text.trim().toLowerCase()) ?? []
  const dash = rest.lastIndexOf('-')
  return { epoch, upstream: dash < 0 ? rest : rest.slice(0, dash), revision: dash < 0 ? '' : rest.slice(dash + 1) }
}

/** Runs of digits and of other signs in turn. */
function compareParts(first: string, second: string): number {
  const [ones, others] = [partsOf(first), partsOf(second)]
  for (let index = 0; index < Math.max(ones.length, others.length); index += 1) {
    const [one = '', other = ''] = [ones[index], others[index]]
    // Odd places are digits; nothing there is zero. `.0` at an end is nothing more.
    const order =
      index % 2 === 1 ? compareNumbers(one, other) : compareSigns(one, other, endsInZeros(ones, others, index))
    if (order !== 0) return order
  }
  return 0
}

/** Signs, digits, signs, digits …; the first may be empty. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = []
  for (const [, signs = '', digits = ''] of text.matchAll(/([^0-9]*)([0-9]*)/g)) parts.push(signs, digits)
  while (parts.at(-1) === '') parts.pop()
  return parts
}

/** Whether one side has ended and the other goes on with `.0` alone. */
function endsInZeros(ones: readonly string[], others: readonly string[], from: number): boolean {
  const longer = ones.length > others.length ? ones : others
  const shorter = longer === ones ? others : ones
  if (shorter.length > from) return false
  return longer.slice(from).every((part, index) => (index % 2 === 0 ? part === '.' : /^0*$/.test(part)))
}

function compareNumbers(first: string, second: string): number {
  return compareValues(first === '' ? '0' : first, second === '' ? '0' : second)
}

function compareSigns(first: string, second: string, same: boolean): number {
  if (same) return 0
  for (let index = 0; index < Math.max(first.length, second.length); index += 1) {
    const order = weightOf(first[index]) - weightOf(second[index])
    if (order !== 0) return order
  }
  return 0
}

/** `~`, the end, letters, all other signs. */
function weightOf(sign: string | undefined): number {
  if (sign === undefined) return 0
  if (sign === '~') return -1
  const code = sign.codePointAt(0) ?? 0
  return /[a-z]/.test(sign) ? code : code + 0x20_0000
}

interface Decimal {
  readonly negative: boolean
  /** Without leading zeros; the fraction without trailing ones. */
  readonly whole: string
  readonly fraction: string
}

function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)([0-9]+)(?:\.([0-9]+))?$/.exec(text.trim())
  if (match === null) return undefined
  const whole = stripLeadingZeros(match[2] ?? '')
  const fraction = stripTrailingZeros(match[3] ?? '')
  return { negative: match[1] === '-' && whole + fraction !== '', whole, fraction }
}

function stripLeadingZeros(digits: string): string {
  let start = 0
  while (digits[start] === '0') start += 1
  return digits.slice(start)
}

/** Not `/0+$/`, which is quadratic over a text of many zeros. */
function stripTrailingZeros(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  return digits.slice(0, end)
}

function compareDecimals(first: Decimal, second: Decimal): number {
  if (first.negative !== second.negative) return first.negative ? -1 : 1
  const magnitude =
    first.whole.length - second.whole.length ||
    compareText(first.whole, second.whole) ||
    compareText(first.fraction, second.fraction)
  return first.negative ? 0 - magnitude : magnitude
}
