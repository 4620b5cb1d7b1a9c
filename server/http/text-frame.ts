/**
 * A WebSocket message as it goes over the connection (RFC 6455 section 5.2): one whole frame of text, unmasked as a server's are.
 * `ws` makes it anew for each receiver; here it is made once for all pages that are told the same.
 */

const finalText = 0x81
const twoOctetLength = 126
const eightOctetLength = 127

export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([head(payload.length), payload])
}

function head(length: number): Buffer {
  if (length < twoOctetLength) return Buffer.from([finalText, length])
  const isShort = length <= 0xff_ff
  const octets = Buffer.alloc(isShort ? 4 : 10)
  octets[0] = finalText
  octets[1] = isShort ? twoOctetLength : eightOctetLength
  if (isShort) octets.writeUInt16BE(length, 2)
  else octets.writeBigUInt64BE(BigInt(length), 2)
  return octets
}
