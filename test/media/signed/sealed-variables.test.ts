/** `Variables.dat`: what opens it, what does not, and what a guess costs. */

import test from 'ava'
import * as fc from 'fast-check'
import { openVariables, sealVariables } from '../../../media/signed/sealed-variables.ts'
import type { SealedContents } from '../../../server/contract/medium.ts'
import { openLibrary, plannedOf, testMediumId } from '../../support/built-medium.ts'
import { mediumIdOf } from '../../support/signed-medium.ts'

const contents: SealedContents = {
  variables: [{ name: 'OSDComputerName', value: 'PC-1 äß', secret: false }],
  mediumKey: 'a key that nobody may see',
}
const password = 'bako-tiru-sema-lonu'

test('A02: a sealed file opens with its password, and holds nothing in the clear', async (t) => {
  const bound = { mediumId: testMediumId, files: [] }
  const sealed = await sealVariables(contents, { ...bound, password })
  t.deepEqual(await openVariables(sealed, { ...bound, password }), { kind: 'opened', contents })
  t.deepEqual(await openVariables(sealed, bound), { kind: 'password-needed' })
  t.deepEqual(await openVariables(sealed, { ...bound, password: `${password}x` }), { kind: 'wrong-password' })
  t.false(Buffer.from(sealed).includes('nobody may see'))
  t.false(Buffer.from(sealed).includes('OSDComputerName'))
})

test('A02, S7-040: each guess costs at least 128 MiB, and the same password twice gives nothing that is the same', async (t) => {
  const bound = { mediumId: testMediumId, files: [], password }
  const [first, second] = await Promise.all([sealVariables(contents, bound), sealVariables(contents, bound)])
  const header = (sealed: Uint8Array): { n: number; r: number; p: number; salt: string; nonce: string } => {
    const octets = Buffer.from(sealed)
    return JSON.parse(octets.toString('utf8', 12, 12 + octets.readUInt32BE(8)))
  }
  const { n, r, p, salt, nonce } = header(first)
  t.true(128 * n * r * p >= 128 * 1024 * 1024)
  t.not(salt, header(second).salt)
  t.not(nonce, header(second).nonce)
  const tail = (sealed: Uint8Array): string => Buffer.from(sealed).subarray(-64).toString('hex')
  t.not(tail(first), tail(second))
})

test('it opens for its own medium and with its own files only', async (t) => {
  const planned = plannedOf({ library: openLibrary(t) })
  const files = planned.volumes[0]?.files ?? []
  const sealed = await sealVariables(contents, { mediumId: testMediumId, files, password })
  const kindOf = async (bound: { mediumId: typeof testMediumId; files: typeof files }): Promise<string> =>
    (await openVariables(sealed, { ...bound, password })).kind
  t.is(await kindOf({ mediumId: testMediumId, files }), 'opened')
  t.is(await kindOf({ mediumId: mediumIdOf('ab'.repeat(16)), files }), 'wrong-password')
  t.is(await kindOf({ mediumId: testMediumId, files: files.slice(1) }), 'wrong-password')
})

test('A02: whatever bit of it is changed, it does not open', async (t) => {
  const bound = { mediumId: testMediumId, files: [], password }
  const sealed = await sealVariables(contents, bound)
  // Each of those that gets as far costs what a guess costs, so they are few; the header's are refused at once.
  await fc.assert(
    fc.asyncProperty(fc.nat(sealed.length * 8 - 1), async (bit) => {
      const changed = Uint8Array.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      t.not((await openVariables(changed, bound)).kind, 'opened')
    }),
    { numRuns: 25 },
  )
})

test('a file that is none of ours, or that would take too much memory, is not read', async (t) => {
  const bound = { mediumId: testMediumId, files: [], password }
  const withHeader = (header: unknown): Uint8Array => {
    const text = Buffer.from(JSON.stringify(header))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(text.length)
    return Buffer.concat([Buffer.from('RVLMEDIA'), length, text, Buffer.alloc(64)])
  }
  const good = { kdf: 'scrypt', n: 2 ** 17, r: 8, p: 1, salt: Buffer.alloc(32).toString('base64') }
  for (const header of [
    undefined,
    {},
    { ...good },
    { ...good, n: 2 ** 30, nonce: Buffer.alloc(12).toString('base64') },
    { ...good, n: 2, nonce: Buffer.alloc(12).toString('base64') },
    { ...good, p: 1_000, nonce: Buffer.alloc(12).toString('base64') },
  ]) {
    t.is((await openVariables(withHeader(header ?? 'none'), bound)).kind, 'not-readable')
  }
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (octets) => {
      t.is((await openVariables(octets, bound)).kind, 'not-readable')
    }),
  )
})

test('without a password it is open, and the signature alone says whether it was changed', async (t) => {
  const bound = { mediumId: testMediumId, files: [] }
  const open = await sealVariables(contents, bound)
  t.deepEqual(await openVariables(open, bound), { kind: 'opened', contents })
})
