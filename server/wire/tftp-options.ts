/**
 * Options of TFTP requests (RFC 2347), which follow the mode as pairs of NUL-terminated texts:
 *
 *     +-------+---~~---+---+---~~---+---+---~~---+---+
 *     |  opc  |filename| 0 |  mode  | 0 |  opt1  | 0 | value1 | 0 | ...
 *     +-------+---~~---+---+---~~---+---+---~~---+---+
 *
 * Reads the four options that are numbers: blksize (RFC 2348), timeout and tsize (RFC 2349), windowsize (RFC 7440).
 * A value outside the range of its RFC counts as not asked, for RFC 2347 lets a server leave an option out;
 * what to grant is decided in `tftp/negotiate.ts`.
 */

export interface TftpOption {
  readonly name: string
  readonly value: string
}

/** What the client asked, in numbers; absent when not asked or not readable. */
export interface RequestedOptions {
  readonly blockBytes?: number
  readonly timeoutSeconds?: number
  /** The client says 0 in a read request; any number asks for the true size. */
  readonly transferBytes?: number
  readonly windowBlocks?: number
}

/** RFC 2348 stops at 65464; a greater wish is lowered, not refused, so it is read as well (TF-11). */
const ranges = {
  blksize: { key: 'blockBytes', min: 8, max: 0xffff_ffff },
  timeout: { key: 'timeoutSeconds', min: 1, max: 255 },
  tsize: { key: 'transferBytes', min: 0, max: Number.MAX_SAFE_INTEGER },
  windowsize: { key: 'windowBlocks', min: 1, max: 65_535 },
} as const satisfies Record<string, { key: keyof RequestedOptions; min: number; max: number }>

/** Names are compared without case (RFC 2347). Of an option that comes twice, the first readable one counts (TF-19). */
export function parseRequestedOptions(options: readonly TftpOption[]): RequestedOptions {
  const requested: { -readonly [Key in keyof RequestedOptions]: RequestedOptions[Key] } = {}
  for (const { name, value } of options) {
    const range = rangeOf(name.toLowerCase())
    if (range === undefined || requested[range.key] !== undefined) continue
    const number = parseDecimal(value)
    if (number !== undefined && number >= range.min && number <= range.max) requested[range.key] = number
  }
  return requested
}

function rangeOf(name: string): (typeof ranges)[keyof typeof ranges] | undefined {
  switch (name) {
    case 'blksize':
    case 'timeout':
    case 'tsize':
    case 'windowsize':
      return ranges[name]
    default:
      return undefined
  }
}

/** Digits only: `-1`, `abc` and nothing at all are no numbers (TF-12). */
function parseDecimal(text: string): number | undefined {
  return /^[0-9]{1,16}$/.test(text) ? Number(text) : undefined
}
