/** Archives that are no exports, made by hand or spoilt (security E01, E03). */

import { deflateRawSync } from 'node:zlib'
import test from 'ava'
import { ZipFile } from 'yazl'
import { readBundle } from '../../server/content/read-bundle.ts'
import { writeBundle } from '../../server/content/write-bundle.ts'

async function octetsOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function zip(
  entries: readonly { readonly name: string; readonly text?: string; readonly mode?: number }[],
): Promise<Buffer> {
  const archive = new ZipFile()
  for (const { name, text = '{}', mode = 0o100_644 } of entries) archive.addBuffer(Buffer.from(text), name, { mode })
  archive.end()
  return octetsOf(archive.outputStream)
}

/** One whose names no writer would write. */
async function renamed(name: string): Promise<Buffer> {
  const octets = await zip([{ name: 'export.json' }])
  return Buffer.from(octets.toString('latin1').replaceAll('export.json', name.padEnd(11, '.')), 'latin1')
}

const refused = test.macro(async (t, archive: Buffer | Promise<Buffer>, expected: RegExp) => {
  const read = await readBundle(await archive)
  t.is(read.kind, 'refused')
  if (read.kind === 'refused') t.regex(read.fault, expected)
})

const one = [{ name: 'export.json' }]
/** Central directory: the octets after its signature. */
function patchCentral(archive: Buffer, offset: number, value: number, bytes: 2 | 4): Buffer {
  const at = archive.indexOf(Buffer.from('PK\u0001\u0002', 'latin1')) + offset
  if (bytes === 2) archive.writeUInt16LE(value, at)
  else archive.writeUInt32LE(value, at)
  return archive
}

test('E01: a name that climbs out is refused', refused, renamed('../../x.jsn'), /relative path/)
test('E01: an absolute name is refused', refused, renamed('/export.jsn'), /absolute path/)
test('E01: a drive is refused', refused, renamed('C:/expo.jsn'), /absolute path/)
test('E01: a backslash is refused', refused, renamed('..\\expo.jsn'), /characters|relative/)
test('E01: another name is refused', refused, zip([{ name: 'other.json' }]), /holds other\.json/)
test('E01: a name beside it is refused', refused, zip([...one, { name: 'x' }]), /holds x/)
test('E01: a name that comes twice is refused', refused, zip([...one, ...one]), /twice/)
test('E01: a link is refused', refused, zip([{ name: 'export.json', mode: 0o120_777 }]), /no file/)
test('E01: a device is refused', refused, zip([{ name: 'export.json', mode: 0o060_644 }]), /no file/)
test('E01: an empty archive is refused', refused, zip([]), /holds no/)
test('E01: what is no archive is refused', refused, Buffer.from('nothing'), /./)
test(
  'E01: a file that is cut off is refused',
  refused,
  zip(one).then((octets) => octets.subarray(0, -30)),
  /./,
)
test(
  'E01: two names for one file are refused',
  refused,
  zip(one).then((octets) => {
    octets.write('other', 30, 'latin1')
    return octets
  }),
  /names differ/,
)
test(
  'E01: an encrypted file is refused',
  refused,
  zip(one).then((octets) => patchCentral(octets, 8, 0x809, 2)),
  /encrypted/,
)
test(
  'E03: a strange compression is refused',
  refused,
  zip(one).then((octets) => patchCentral(octets, 10, 9, 2)),
  /compression/,
)
test(
  'E03: an announced bomb is refused',
  refused,
  zip(one).then((octets) => patchCentral(octets, 24, 0x7fff_ffff, 4)),
  /octets/,
)
test(
  'E03: what is packed beyond belief is refused',
  refused,
  zip([{ name: 'export.json', text: ' '.repeat(8 * 1024 ** 2) }]),
  /200 to 1/,
)
test(
  'E03: a file that is larger than announced is refused',
  refused,
  zip([{ name: 'export.json', text: 'x'.repeat(5_000) }]).then((octets) => patchCentral(octets, 24, 100, 4)),
  /./,
)
test(
  'E03: a file over the directory is refused',
  refused,
  zip(one).then((octets) => patchCentral(octets, 20, octets.length, 4)),
  /./,
)
test('E03: too many octets are refused', refused, Buffer.alloc(32 * 1024 ** 2 + 1), /may have/)

test('what is written is read again, however well it packs', async (t) => {
  for (const text of ['{}', JSON.stringify({ a: 'x'.repeat(4_000_000) })]) {
    const read = await readBundle(await octetsOf(writeBundle(text)))
    t.true(read.kind === 'read' && read.octets.toString() === text)
  }
  t.true(deflateRawSync(Buffer.alloc(4_000_000)).length < 20_000, 'the second one would be a bomb')
})
