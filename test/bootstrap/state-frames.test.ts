/** Captured user state as sealed chunks: what goes in comes out, and nothing else ever does. */

import { randomBytes } from 'node:crypto'
import test from 'ava'
import type { LocalAccount } from '../../bootstrap/local-accounts.ts'
import {
  chunkBytesMax,
  openParts,
  sealedChunkBytesMax,
  sealParts,
  type StatePart,
} from '../../bootstrap/state-frames.ts'
import { stateChunkBytesMax } from '../../server/contract/agent.ts'

const key = randomBytes(32)
const account: LocalAccount = {
  name: 'ann',
  uid: 1_000,
  gid: 1_000,
  comment: 'Ann',
  home: '/home/ann',
  shell: '/bin/sh',
  groups: ['audio'],
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

async function seal(parts: readonly StatePart[]): Promise<readonly Buffer[]> {
  return all(sealParts(each(parts), key))
}

async function open(chunks: readonly Buffer[], by: Uint8Array = key): Promise<readonly StatePart[]> {
  return all(openParts(each(chunks), by))
}

/** Three chunks. */
const octets = randomBytes(chunkBytesMax + 10)
const parts: readonly StatePart[] = [
  { kind: 'account', account },
  { kind: 'data', octets },
  { kind: 'data', octets },
  { kind: 'end' },
]

/** Megabytes are compared at once, and not octet by octet. */
function comparable(found: readonly StatePart[]): readonly unknown[] {
  return found.map((part) => (part.kind === 'data' ? Buffer.from(part.octets).toString('base64') : part))
}

test('S2-050: what is sealed is opened again', async (t) => {
  const chunks = await seal(parts)
  t.is(chunks.length, 3)
  t.true(chunks.every(({ length }) => length <= sealedChunkBytesMax && length <= stateChunkBytesMax))
  t.deepEqual(comparable(await open(chunks)), comparable(parts))
  t.deepEqual(await open(await seal([])), [])
})

test('S2-050: nothing of it can be read without the key', async (t) => {
  const chunks = await seal([{ kind: 'account', account }])
  t.false(Buffer.concat(chunks).includes('ann'))
  await t.throwsAsync(open(chunks, randomBytes(32)), { message: /chunk 0 .* damaged or changed/ })
})

test('two captures with one key have no octet in common', async (t) => {
  const [first] = await seal([{ kind: 'account', account }])
  const [second] = await seal([{ kind: 'account', account }])
  t.notDeepEqual(first?.subarray(0, 16), second?.subarray(0, 16))
  t.notDeepEqual(first?.subarray(16), second?.subarray(16))
})

const refuses = test.macro(async (t, spoil: (chunks: readonly Buffer[]) => readonly Buffer[], message: RegExp) => {
  await t.throwsAsync(open(spoil(await seal(parts))), { message })
})

test('a changed chunk', refuses, ([a, b, c]) => [a, flipped(b), c].flatMap((one) => one ?? []), /chunk 1 .* changed/)
test('exchanged chunks', refuses, ([a, b, c]) => [b, a, c].flatMap((one) => one ?? []), /chunk 0 .* changed/)
test('a chunk left out', refuses, ([a, , c]) => [a, c].flatMap((one) => one ?? []), /chunk 1 .* changed/)
test('a missing end', refuses, (chunks) => chunks.slice(0, 2), /breaks off/)
test('no chunk at all', refuses, () => [], /breaks off/)
test('a chunk behind the end', refuses, (chunks) => [...chunks, Buffer.alloc(40)], /behind its end/)
test('a chunk that is none', refuses, () => [Buffer.alloc(31)], /too short/)

function flipped(chunk: Buffer | undefined): Buffer {
  const copy = Buffer.from(chunk ?? [])
  copy.writeUInt8(copy.readUInt8(100) ^ 1, 100)
  return copy
}
