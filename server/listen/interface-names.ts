/** Names of network interfaces and the kernel's numbers for them, remembered for a few seconds. */

import { networkInterfaces } from 'node:os'
import { interfaceIndexOf as systemIndexOf } from './libc.ts'
import { Remembered } from './remembered.ts'

/** Interfaces come, go and are renamed. */
const rememberMs = 5_000

const indexes = new Remembered<string, number>(systemIndexOf, rememberMs)
const names = new Remembered<number, string>(findName, rememberMs)

/** 0: there is none of that name. */
export function interfaceIndexOf(name: string): number {
  return indexes.get(name)
}

/** The empty text: there is none of that number. */
export function interfaceNameOf(index: number): string {
  return names.get(index)
}

/**
 * The empty text is an interface that has gone since the datagram came. Not read from /sys/class/net: in a container or
 * a namespace that shows the interfaces of the one it was mounted in.
 */
function findName(index: number): string {
  return Object.keys(networkInterfaces()).find((name) => systemIndexOf(name) === index) ?? ''
}
