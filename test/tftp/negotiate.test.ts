/** What is granted of what is asked. */

import test from 'ava'
import * as fc from 'fast-check'
import { blockBytesForMtu, defaultTftpLimits, negotiate } from '../../server/tftp/negotiate.ts'
import type { TftpLimits } from '../../server/tftp/negotiate.ts'
import type { RequestedOptions } from '../../server/wire/tftp-options.ts'

const wide: TftpLimits = { ...defaultTftpLimits, blockBytesMax: 65_464 }

interface Case {
  readonly asked: RequestedOptions
  readonly fileBytes?: number
  readonly limits?: TftpLimits
  readonly granted: Readonly<Record<string, string>>
}

const grants = test.macro((t, { asked, fileBytes = 1000, limits = wide, granted }: Case) => {
  const { acknowledged } = negotiate(asked, fileBytes, limits)
  t.deepEqual(Object.fromEntries(acknowledged.map(({ name, value }) => [name, value])), granted)
})

test('TF-20: nothing asked, nothing granted', grants, { asked: {}, granted: {} })
test('TF-10: blksize 8', grants, { asked: { blockBytes: 8 }, granted: { blksize: '8' } })
test('TF-10: blksize 65464', grants, { asked: { blockBytes: 65_464 }, granted: { blksize: '65464' } })
test('TF-11: blksize above the largest', grants, { asked: { blockBytes: 70_000 }, granted: { blksize: '65464' } })
test('T05: blksize above the MTU', grants, {
  asked: { blockBytes: 8192 },
  limits: { ...wide, blockBytesMax: blockBytesForMtu(1500) },
  granted: { blksize: '1468' },
})
test('T06: a cap for firmware that fails above 1024', grants, {
  asked: { blockBytes: 1468 },
  limits: { ...wide, blockBytesMax: 1024 },
  granted: { blksize: '1024' },
})
test('T08: the Raspberry Pi gets its blksize acknowledged', grants, {
  asked: { blockBytes: 1024 },
  granted: { blksize: '1024' },
})
test('TF-13: timeout is echoed', grants, { asked: { timeoutSeconds: 7 }, granted: { timeout: '7' } })
test('TF-15, T03: tsize is the true size', grants, {
  asked: { transferBytes: 0 },
  fileBytes: 123_457,
  granted: { tsize: '123457' },
})
test('TF-16: tsize of 5 GiB', grants, {
  asked: { transferBytes: 0 },
  fileBytes: 5 * 2 ** 30,
  granted: { tsize: '5368709120' },
})
test('TF-14: windowsize as asked', grants, { asked: { windowBlocks: 4 }, granted: { windowsize: '4' } })
test('TF-14, T25: windowsize is capped', grants, { asked: { windowBlocks: 65_535 }, granted: { windowsize: '64' } })
test('TF-41: large blocks make small windows', grants, {
  asked: { blockBytes: 65_464, windowBlocks: 64 },
  granted: { blksize: '65464', windowsize: '16' },
})

test('T05: a block and its headers fit the MTU', (t) => {
  t.is(blockBytesForMtu(1500), 1468)
  t.is(blockBytesForMtu(9000), 8968)
  t.is(blockBytesForMtu(65_536), 65_464)
  t.is(blockBytesForMtu(576), 544)
})

test('T04, TF-20, TF-41: an answer holds only what was asked, never more, and bytes in flight stay under 1 MiB', (t) => {
  const asked = fc.record(
    {
      blockBytes: fc.integer({ min: 8, max: 100_000 }),
      windowBlocks: fc.integer({ min: 1, max: 65_535 }),
      timeoutSeconds: fc.integer({ min: 1, max: 255 }),
      transferBytes: fc.constant(0),
    },
    { requiredKeys: [] },
  )
  const mtu = fc.integer({ min: 576, max: 65_536 })
  const property = fc.property(asked, fc.maxSafeNat(), mtu, (requested, fileBytes, mtuBytes) => {
    const limits = { ...defaultTftpLimits, blockBytesMax: blockBytesForMtu(mtuBytes) }
    const { acknowledged, blockBytes, windowBlocks } = negotiate(requested, fileBytes, limits)
    const granted = new Map(acknowledged.map(({ name, value }) => [name, Number(value)]))
    const within = (name: string, most: number | undefined): boolean => {
      const value = granted.get(name)
      return value === undefined ? most === undefined : most !== undefined && value >= 1 && value <= most
    }
    return (
      granted.size === acknowledged.length &&
      granted.size === Object.keys(requested).length &&
      within('blksize', requested.blockBytes) &&
      within('windowsize', requested.windowBlocks) &&
      granted.get('timeout') === requested.timeoutSeconds &&
      (requested.transferBytes === undefined || granted.get('tsize') === fileBytes) &&
      (blockBytes + 32) * windowBlocks <= 1_048_576
    )
  })
  fc.assert(property, { numRuns: 2_000 })
  t.pass()
})
