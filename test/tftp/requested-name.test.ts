/** Names as the network spells them. */

import test from 'ava'
import * as fc from 'fast-check'
import { caseBlindName, parseRequestedName } from '../../server/tftp/requested-name.ts'

const named = test.macro((t, asked: string, name: string) => {
  t.deepEqual(parseRequestedName(asked), { kind: 'name', name })
})

test('a plain name stays', named, 'boot/ipxe.efi', 'boot/ipxe.efi')
test('T17, TF-44: backslashes are slashes', named, '\\Boot\\BCD', 'Boot/BCD')
test('T17: slashes in front and doubled are dropped', named, '//boot///x64/./wdsnbp.com', 'boot/x64/wdsnbp.com')
test('R04: 0xFF at the end is dropped', named, 'ipxe.efi\u00ff\u00ff', 'ipxe.efi')
test('R04: a replacement character at the end is dropped', named, 'ipxe.efi\u00ef\u00bf\u00bd', 'ipxe.efi')
test('a name in UTF-8 is read as such', named, 'k\u00c3\u00bche.img', 'kühe.img')
test('a name that is not UTF-8 is read as Latin-1', named, 'k\u00fche.img', 'kühe.img')
test('percent signs mean nothing', named, 'a%2e%2e/b', 'a%2e%2e/b')
test('T22: the prefix of a Raspberry Pi is part of the name', named, 'd83add12/start4.elf', 'd83add12/start4.elf')

const climbing = ['../etc/passwd', '..', 'a/../../b', '..\\..\\windows\\win.ini', '/../x', 'a/..', '\\..\\']
for (const asked of climbing) {
  test(`TF-05, T18: ${asked} is refused`, (t) => {
    t.deepEqual(parseRequestedName(asked), { kind: 'refused', reason: 'traversal' })
  })
}
for (const asked of ['', '/', '\\', 'boot/', 'boot/.', '.', '\u00ff']) {
  test(`TF-07: "${asked}" names no file`, (t) => {
    t.deepEqual(parseRequestedName(asked), { kind: 'refused', reason: 'empty' })
  })
}
for (const asked of ['C:\\boot.ini', 'boot/c:/x', 'a\u0001b', 'a\nb', 'x'.repeat(600)]) {
  test(`T18: ${JSON.stringify(asked.slice(0, 20))} is no name`, (t) => {
    t.deepEqual(parseRequestedName(asked), { kind: 'refused', reason: 'not-a-name' })
  })
}

test('T17: names are compared without case', (t) => {
  t.is(caseBlindName('Boot/BCD'), caseBlindName('BOOT/bcd'))
})

test('TF-05, T18: no name has a segment that climbs, a slash in front or an empty segment', (t) => {
  const parts = fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    'a',
    'B',
    ' ',
    '%2e',
    'c:',
    '\u00c0\u00ae',
    '\u00ff',
    '....//',
    '~',
  )
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), (pieces) => {
      const parsed = parseRequestedName(pieces.join(''))
      if (parsed.kind === 'refused') return true
      return (
        parsed.name.split('/').every((segment) => !['', '.', '..'].includes(segment)) && !parsed.name.includes('\\')
      )
    }),
    { numRuns: 5_000 },
  )
  t.pass()
})
