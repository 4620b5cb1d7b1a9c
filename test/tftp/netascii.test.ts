/** The text mode of RFC 1350. */

import test from 'ava'
import * as fc from 'fast-check'
import { toNetascii } from '../../server/tftp/netascii.ts'

const octets = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

function asClientsRead(sent: Uint8Array): Uint8Array {
  return octets(String.fromCharCode(...sent).replaceAll(/\r([\n\0])/g, (_, next) => (next === '\n' ? '\n' : '\r')))
}

for (const [name, text, sent] of [
  ['a line feed', 'a\nb', 'a\r\nb'],
  ['a lone carriage return', 'a\rb', 'a\r\0b'],
  ['both', '\r\n', '\r\0\r\n'],
  ['neither', 'plain \x80', 'plain \x80'],
  ['nothing', '', ''],
] as const) {
  test(`TF-04, T16: ${name} goes out as RFC 1350 says`, (t) => {
    t.deepEqual(toNetascii(octets(text)), octets(sent))
  })
}

test('TF-04, T16: what a client makes of it is what the file was', (t) => {
  const text = fc.array(fc.constantFrom(10, 13, 0, 65, 255), { maxLength: 50 }).map((codes) => Uint8Array.from(codes))
  fc.assert(fc.property(text, (file) => t.deepEqual(asClientsRead(toNetascii(file)), file)))
  t.pass()
})
