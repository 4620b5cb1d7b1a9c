/**
 * What a decoder throws, and the only thing it throws: the octets are the peer's fault. The listener catches it,
 * counts it by `code` and drops the datagram. A packet that is well formed but not for us is no error.
 */

export class DecodeError extends Error {
  override readonly name = 'DecodeError'
  readonly code: DecodeErrorCode
  /** The octet of the datagram at which decoding stopped. */
  readonly offset: number

  constructor(code: DecodeErrorCode, offset: number) {
    super(`${code} at octet ${offset}`)
    this.code = code
    this.offset = offset
  }
}

/** Closed, so that each can be the label of a counter. */
export type DecodeErrorCode = (typeof decodeErrorCodes)[number]

const decodeErrorCodes = [
  'too-short',
  'too-long',
  'dhcp-bad-op',
  'dhcp-bad-hardware-length',
  'dhcp-bad-cookie',
  'dhcp-option-past-end',
  'dhcp-option-too-long',
  'tftp-unknown-opcode',
  'tftp-missing-terminator',
  'tftp-empty-name',
  'tftp-bad-mode',
  'tftp-bad-option',
  'tftp-too-many-options',
  'tftp-bad-error-code',
] as const
