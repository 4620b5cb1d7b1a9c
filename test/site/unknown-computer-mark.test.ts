/** Whose mark it is, when no device is there to keep it: the SMBIOS GUID, and without one the cards. */

import test from 'ava'
import { swapSmbiosGuid } from '../../server/address/smbios-guid.ts'
import { type ComputerIdentity, isMarkOf } from '../../server/site/unknown-computer-mark.ts'
import { guidA, guidB, macA, macB } from '../support/boot-fixtures.ts'

const belongs = test.macro((t, mark: ComputerIdentity, computer: ComputerIdentity, expected: boolean) => {
  t.is(isMarkOf(mark, computer), expected)
  t.is(isMarkOf(computer, mark), expected)
})

const byA = { macAddresses: [macA] }
const byB = { macAddresses: [macB] }

test('S6-025: the same card', belongs, byA, byA, true)
test('S6-025: any card of the computer', belongs, { macAddresses: [macB, macA] }, byA, true)
test('S6-025: another card', belongs, byA, byB, false)
test(
  'S6-025: the same GUID over another card',
  belongs,
  { ...byA, smbiosGuid: guidA },
  { ...byB, smbiosGuid: guidA },
  true,
)
test(
  'S6-025, D10: the same GUID in the other order of octets',
  belongs,
  { ...byA, smbiosGuid: guidA },
  { ...byB, smbiosGuid: swapSmbiosGuid(guidA) },
  true,
)
test(
  'S6-025, D19: a shared adapter on a machine with another GUID',
  belongs,
  { ...byA, smbiosGuid: guidA },
  { ...byA, smbiosGuid: guidB },
  false,
)
test('S6-025: a door that tells no GUID', belongs, { ...byA, smbiosGuid: guidA }, byA, true)
test('S6-025: nothing in common', belongs, { macAddresses: [] }, { macAddresses: [] }, false)
