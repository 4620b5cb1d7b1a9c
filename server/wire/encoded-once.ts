/**
 * Option values that nearly every answer of a server repeats (its address, a pool's routers and times, a file's name), encoded
 * once. What is given is shared by all answers and must not be changed. Few values exist at one site; should they be
 * many, as with a URL for each machine, all are encoded anew.
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import { encodeText } from './ascii.ts'
import { encodeAddresses, encodeUint32 } from './dhcp-option-values.ts'

const keptMax = 256

function encodedOnce<Value>(encode: (value: Value) => Uint8Array): (value: Value) => Uint8Array {
  const kept = new Map<Value, Uint8Array>()
  return (value) => {
    const known = kept.get(value)
    if (known !== undefined) return known
    if (kept.size >= keptMax) kept.clear()
    const octets = encode(value)
    kept.set(value, octets)
    return octets
  }
}

export const textOctets = encodedOnce(encodeText)
export const numberOctets = encodedOnce(encodeUint32)
export const addressOctets = encodedOnce((address: Ipv4Address) => encodeAddresses([address]))

const lists = new WeakMap<readonly Ipv4Address[], Uint8Array>()

/** Known by the list itself: a pool's own does not change. */
export function addressListOctets(addresses: readonly Ipv4Address[]): Uint8Array {
  const known = lists.get(addresses)
  if (known !== undefined) return known
  const octets = encodeAddresses(addresses)
  lists.set(addresses, octets)
  return octets
}
