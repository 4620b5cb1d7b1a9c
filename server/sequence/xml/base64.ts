/** Base64 of UTF-16 LE (RFC 4648 section 4), as the source system keeps the code of a PowerShell script. */

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function encodeScript(text: string): string {
  const octets = Array.from({ length: text.length * 2 }, (_, index) => {
    const unit = text.charCodeAt(index >> 1)
    return index % 2 === 0 ? unit & 0xff : unit >> 8
  })
  const groups: string[] = []
  for (let start = 0; start < octets.length; start += 3) {
    const [a = 0, b, c] = octets.slice(start, start + 3)
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    const group = [18, 12, 6, 0].map((shift) => digits.charAt((bits >> shift) & 63)).join('')
    groups.push(b === undefined ? `${group.slice(0, 2)}==` : c === undefined ? `${group.slice(0, 3)}=` : group)
  }
  return groups.join('')
}

/** Undefined: it is no such text. A byte order mark is left out. */
export function decodeScript(encoded: string): string | undefined {
  const packed = encoded.replaceAll(/\s/g, '')
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return undefined
  const octets: number[] = []
  for (let start = 0; start < packed.length; start += 4) {
    const group = packed.slice(start, start + 4)
    const bits = Array.from(group, (digit) => Math.max(digits.indexOf(digit), 0)).reduce(
      (sum, six) => sum * 64 + six,
      0,
    )
    const padding = group.endsWith('==') ? 2 : group.endsWith('=') ? 1 : 0
    octets.push(...[bits >> 16, (bits >> 8) & 0xff, bits & 0xff].slice(0, 3 - padding))
  }
  if (octets.length % 2 !== 0) return undefined
  const units = Array.from(
    { length: octets.length / 2 },
    (_, index) => (octets[index * 2] ?? 0) | ((octets[index * 2 + 1] ?? 0) << 8),
  )
  const text = units.map((unit) => String.fromCharCode(unit)).join('')
  return text.replace(/^\uFEFF/, '')
}
