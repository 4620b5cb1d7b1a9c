/** What is told of WIM files that wimlib made, and what is refused. */

import test from 'ava'
import { inspectWim } from '../../server/content/inspect-wim.ts'
import { makeWim } from '../support/wim.ts'

const plain = makeWim({ images: ['Home & Office', 'Server'] })
const pipable = makeWim({ images: ['Only'], pipable: true })

const inspect = (octets: Buffer) =>
  inspectWim({
    bytes: octets.length,
    read: (offset, length) => Promise.resolve(octets.subarray(offset, Math.min(offset + length, octets.length))),
  })

test('the images of a WIM are listed by their index', async (t) => {
  const found = await inspect(plain)
  t.like(found, {
    kind: 'inspected',
    facts: {
      pipable: false,
      images: [
        { index: 1, name: 'Home & Office', description: 'About Home & Office', bytes: 200_013 },
        { index: 2, name: 'Server', description: 'About Server', bytes: 200_006 },
      ],
    },
  })
  t.regex((found.kind === 'inspected' && found.warnings[0]) || '', /not pipable.*optimize --pipable/)
})

test('a pipable WIM is one too, and needs no warning', async (t) => {
  const found = await inspect(pipable)
  t.like(found, { kind: 'inspected', facts: { pipable: true, images: [{ index: 1, name: 'Only' }] }, warnings: [] })
})

/** Each with what is said of it. */
const refusals: Readonly<Record<string, readonly [octets: Buffer, fault: RegExp]>> = {
  'something else': [Buffer.alloc(4_096, 'QFI'), /no WIM file/],
  'a header alone': [plain.subarray(0, 100), /cut off: it has 100 octets/],
  'a WIM without its end': [plain.subarray(0, plain.length - 500), /cut off/],
  'a pipable WIM without its end': [pipable.subarray(0, pipable.length - 1), /cut off/],
  'a part of several': [changed(plain, 42, 3), /part 1 of 3: join the parts/],
  'a wrong number of images': [changed(plain, 44, 9), /says 9 images, and its list has 2/],
  'a compressed list': [changed(plain, 79, 4), /list of images .* cannot be read/],
}

for (const [what, [octets, fault]] of Object.entries(refusals)) {
  test(`E04: ${what} is refused`, async (t) => {
    const found = await inspect(octets)
    t.regex((found.kind === 'refused' && found.faults.join()) || '', fault)
  })
}

test('no octets make the inspection throw', async (t) => {
  for (let at = 0; at < 208; at += 1) await t.notThrowsAsync(inspect(changed(plain, at, 0xff)))
})

function changed(octets: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(octets)
  copy[at] = value
  return copy
}
