/** The query iPXE sends for its script (peers.md I02, I05, D10; configmgr-spec S6-016, S6-030). */

import test from 'ava'
import * as fc from 'fast-check'
import { parseBootScriptQuery } from '../../server/boot/parse-boot-script-query.ts'
import { bootArchitectureOf, printPlatform } from '../../server/boot/platform-architecture.ts'
import type { BootArchitecture } from '../../server/site/boot-image.ts'
import { guidA, macA } from '../support/boot-fixtures.ts'

const usual = 'mac=52-54-00-00-00-0a&platform=efi&buildarch=x86_64'

function parsed(query: string) {
  const result = parseBootScriptQuery(query)
  return result.kind === 'client' ? result.client : undefined
}

test('S6-013: address, GUID and serial number name the client', (t) => {
  t.deepEqual(parsed(`${usual}&uuid=${guidA.toLowerCase()}&serial=VMware-56%204d`), {
    macAddress: macA,
    smbiosGuid: guidA,
    serialNumber: 'VMware-56 4d',
    platform: { architecture: 'x64', firmware: 'uefi', transport: 'http', code: 7 },
    stage: 'ours',
  })
})

const refuses = test.macro((t, query: string, reason: RegExp) => {
  const result = parseBootScriptQuery(query)
  t.is(result.kind, 'refused')
  if (result.kind === 'refused') t.regex(result.reason, reason)
})

test(
  'I02: a zero MAC address is refused',
  refuses,
  usual.replace('52-54-00-00-00-0a', '00-00-00-00-00-00'),
  /^00:00:00:00:00:00 names no machine$/,
)
test('I02: a missing MAC address is refused', refuses, 'platform=efi&buildarch=x86_64', /no MAC address/)
test('I02: an empty MAC address is refused', refuses, usual.replace('52-54-00-00-00-0a', ''), /no MAC address/)
test('I02: one key twice is refused', refuses, `${usual}&mac=52-54-00-00-00-0b`, /one key twice/)
test('I05: broken percent-encoding is refused', refuses, `${usual}&serial=%E0%A4%A`, /percent-encoded/)
test(
  'D05: an unknown architecture is refused',
  refuses,
  usual.replace('x86_64', 'riscv64'),
  /platform and architecture/,
)
test('D05: an unknown platform is refused', refuses, usual.replace('efi', 'linux'), /platform and architecture/)
test('A06: a very long query is refused', refuses, `${usual}&serial=${'a'.repeat(3_000)}`, /too long/)

const platform = test.macro((t, text: string, printed: string, architecture: BootArchitecture | undefined) => {
  const client = parsed(`mac=52-54-00-00-00-0a&${text}`)
  t.is(client === undefined ? undefined : printPlatform(client.platform), printed)
  t.is(client === undefined ? undefined : bootArchitectureOf(client.platform), architecture)
})

test('S6-030: BIOS on a 64-bit processor', platform, 'platform=pcbios&buildarch=i386&cpu=x86_64', 'x64 BIOS', 'x64')
test('S6-030: BIOS on a 32-bit processor', platform, 'platform=pcbios&buildarch=i386&cpu=i386', 'x86 BIOS', 'x86')
test('S6-030: BIOS that did not say counts as x64', platform, 'platform=pcbios&buildarch=i386', 'BIOS', 'x64')
test('S6-030: a 64-bit BIOS build', platform, 'platform=pcbios&buildarch=x86_64&cpu=i386', 'x64 BIOS', 'x64')
test('S6-030: x86 UEFI, whatever the processor', platform, 'platform=efi&buildarch=i386&cpu=x86_64', 'x86 UEFI', 'x86')
test('S6-030: ARM64 UEFI', platform, 'platform=efi&buildarch=arm64&cpu=i386', 'arm64 UEFI', 'arm64')
test(
  'D05: 32-bit ARM is understood, and served by nobody',
  platform,
  'platform=efi&buildarch=arm32',
  'architecture 10',
  undefined,
)

const leftOut = test.macro((t, text: string) => {
  const client = parsed(`${usual}&${text}`)
  t.truthy(client)
  t.is(client?.smbiosGuid, undefined)
  t.is(client?.serialNumber, undefined)
})

test('D10: an all-zero GUID is no identity', leftOut, 'uuid=00000000-0000-0000-0000-000000000000')
test('D10: a malformed GUID is left out', leftOut, 'uuid=xyz')
test('I05: an empty serial number is left out', leftOut, 'serial=')
test('I05: a serial number of control characters is left out', leftOut, 'serial=a%0Ab')
test('I05: keys of a newer script are passed over', leftOut, 'vlan=7&')

test('I05, I02: an ampersand in a serial number, as iPXE sends it, is part of the number and makes no key', (t) => {
  const client = parsed(`${usual}&serial=AB%2012&mac=52-54-00-00-00-0b&cpu=i386`)
  t.is(client?.serialNumber, 'AB 12&mac=52-54-00-00-00-0b&cpu=i386')
  t.is(client?.macAddress, macA)
})

test('I05: every serial number survives the percent-encoding', (t) => {
  const anySerial = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    .filter((text) => text.trim() === text && !/\p{Cc}/u.test(text))
  fc.assert(
    fc.property(anySerial, (serial) => {
      t.is(parsed(`${usual}&serial=${encodeURIComponent(serial)}`)?.serialNumber, serial)
    }),
  )
})

test('A06: no query makes the parser throw', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      t.regex(parseBootScriptQuery(text).kind, /^(?:client|refused)$/)
      t.regex(parseBootScriptQuery(`${usual}&${text}`).kind, /^(?:client|refused)$/)
    }),
  )
})
