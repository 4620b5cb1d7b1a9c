/** Text as the formats write it, beside Node's own encoders. */

import test from 'ava'
import * as fc from 'fast-check'
import { encodeAscii, encodeUtf16BigEndian, encodeUtf8 } from '../../../media/layout/text-octets.ts'

test('well-formed text is encoded as Node encodes it', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      t.deepEqual(Buffer.from(encodeUtf8(text)), Buffer.from(text, 'utf8'))
      t.deepEqual(Buffer.from(encodeUtf16BigEndian(text)), Buffer.from(text, 'utf16le').swap16())
    }),
  )
})

test('fields are filled up, and what does not fit is our mistake', (t) => {
  t.deepEqual(Buffer.from(encodeAscii('ESP', 5)).toString(), 'ESP  ')
  t.throws(() => encodeAscii('REVEILLE', 5), { message: /longer/ })
  t.throws(() => encodeAscii('Ä'), { message: /not ASCII/ })
})
