/** GUIDs of disks and partitions, as octets. */

import { assert } from '../../server/assert.ts'

/** UEFI 2.10 section 5.3.3, table 5.7: what firmware starts from. */
export const efiSystemPartition = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
/** What Windows and Linux show as a volume of data. */
export const basicData = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7'
/** Where GRUB keeps what does not fit into a master boot record. */
export const biosBootPartition = '21686148-6449-6E6F-744E-656564454649'

/** UEFI 2.10 appendix A: the first three fields are little-endian. */
export function encodeGuid(text: string): Uint8Array {
  assert(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i.test(text), `“${text}” is no GUID`)
  const hex = text.replaceAll('-', '')
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
  return Uint8Array.from(order, (index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16))
}
