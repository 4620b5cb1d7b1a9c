/** XML of unknown origin: what is refused, and what is read as it stands (security E07). */

import test from 'ava'
import { parseXml } from '../../server/http/parse-xml.ts'
import { Problem } from '../../server/http/problem.ts'

const refused = test.macro((t, xml: string | Uint8Array, expected: RegExp, status?: number) => {
  const octets = typeof xml === 'string' ? new TextEncoder().encode(xml) : xml
  const error = t.throws(() => parseXml(octets), { instanceOf: Problem })
  t.is(error?.status, status ?? 400)
  t.regex(error?.message ?? '', expected)
})

const laughs = Array.from({ length: 9 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`).join('')

test(
  'E07: billion laughs are refused',
  refused,
  `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><a>&l9;</a>`,
  /document type/,
)
test(
  'E07: an external entity is refused',
  refused,
  '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
  /document type/,
)
test(
  'E07: an external document type is refused',
  refused,
  '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
  /document type/,
)
test(
  'E07: a parameter entity is refused',
  refused,
  '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///x"> %p;]><a/>',
  /document type/,
)
test('E07: an entity that XML does not have is refused', refused, '<a>&nbsp;</a>', /well-formed/)
test('E07: a character that XML does not have is refused', refused, '<a>&#0;</a>', /well-formed/)
test('E07: depth is bounded', refused, `${'<a>'.repeat(201)}${'</a>'.repeat(201)}`, /200 levels/)
test(
  'E07: attributes are bounded',
  refused,
  `<a ${Array.from({ length: 33 }, (_, index) => `a${index}="1"`).join(' ')}/>`,
  /32 attributes/,
)
test('E07: an attribute may not come twice', refused, '<a b="1" b="2"/>', /well-formed/)
test('E07: octets are bounded', refused, new Uint8Array(16 * 1024 * 1024 + 1), /octets/, 413)
test('E07: what ends early is refused', refused, '<a><b>', /well-formed/)
test('E07: two roots are refused', refused, '<a/><b/>', /well-formed/)
test('E07: nothing is refused', refused, '', /well-formed|no element/)
test('E07: octets that are no UTF-8 are refused', refused, Uint8Array.of(60, 97, 62, 255), /UTF-8/)

test('UTF-16 with a byte order mark is read as it is', (t) => {
  const text = '<?xml version="1.0" encoding="utf-16"?><a b="ä">日本 &amp; <![CDATA[<x>]]></a>'
  const units = Buffer.from(`\uFEFF${text}`, 'utf16le')
  t.is(parseXml(units).text, '日本 & <x>')
  t.is(parseXml(Buffer.from(units).swap16()).attributes['b'], 'ä')
})

test('an attribute named as a member of every object is an attribute', (t) => {
  const root = parseXml(new TextEncoder().encode('<a __proto__="x"><constructor/></a>'))
  t.true(Object.hasOwn(root.attributes, '__proto__'))
  t.is(root.children[0]?.name, 'constructor')
})
