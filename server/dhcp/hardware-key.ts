/** The key of a client that sends no identifier of its own (option 61): its hardware type and address (D4-17). */

import type { MacAddress } from '../address/mac-address.ts'

const ethernet = '1:'

export function hardwareKey(macAddress: MacAddress): string {
  return ethernet + macAddress
}

/** An identifier is printed without colons. */
export function isHardwareKey(clientKey: string): boolean {
  return clientKey.startsWith(ethernet)
}
