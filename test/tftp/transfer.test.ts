/** The transfer engine: step by step, and whole files over a simulated network with faults. */

import test from 'ava'
import { blockNumber, blocksBeyond } from '../../server/tftp/block-number.ts'
import type { Negotiated } from '../../server/tftp/negotiate.ts'
import { advanceTransfer, startTransfer } from '../../server/tftp/transfer.ts'
import type { TransferEffect, TransferEvent, TransferStep } from '../../server/tftp/transfer.ts'
import { simulate } from '../support/simulated-download.ts'

const plain: Negotiated = { blockBytes: 512, windowBlocks: 1, acknowledged: [] }
const negotiated: Negotiated = { ...plain, acknowledged: [{ name: 'tsize', value: '5000' }] }
const bad = { loss: 0.1, duplicate: 0.1, reorder: 0.1, delayMs: 0.5 }

interface Started {
  readonly terms?: Negotiated
  readonly bytes?: number
}

function started({ terms = plain, bytes = 5_000 }: Started = {}): TransferStep {
  return startTransfer(terms, { bytes, blockAfterWrap: 0 }, 0)
}

/** Feeds acknowledgements and other events at their times. */
function after(
  first: TransferStep,
  ...events: readonly (readonly [atMs: number, event: TransferEvent | number])[]
): TransferStep {
  return events.reduce(
    (step, [atMs, event]) =>
      advanceTransfer(
        step.transfer,
        typeof event === 'number' ? { kind: 'acknowledgement', block: event } : event,
        atMs,
      ),
    first,
  )
}

function blocks(first: number, count = 1): readonly TransferEffect[] {
  return [{ kind: 'send-blocks', first, count }]
}

const wake: TransferEvent = { kind: 'wake' }

test('TF-17: without options DATA 1 answers the request', (t) => {
  t.deepEqual(started().effects, blocks(1))
})

test('TF-21: ACK 0 after the OACK starts DATA 1, another block does not', (t) => {
  const first = started({ terms: negotiated })
  t.deepEqual(first.effects, [{ kind: 'send-option-acknowledgement' }])
  t.deepEqual(after(first, [1, 1]).effects, [])
  t.deepEqual(after(first, [1, 0]).effects, blocks(1))
})

test('TF-21, T01: ERROR 8 after the OACK ends the transfer quietly and for good', (t) => {
  const ended = after(started({ terms: negotiated }), [1, { kind: 'error', code: 8 }])
  t.deepEqual(ended.effects, [{ kind: 'end', outcome: 'declined' }])
  t.deepEqual(after(ended, [2, 0], [5_000, wake]).effects, [])
})

test('T02: ERROR 0 before the first block is a decline as well, before or after the OACK', (t) => {
  for (const first of [started(), started({ terms: negotiated })]) {
    const ended = after(first, [1, { kind: 'error', code: 0 }])
    t.deepEqual(ended.effects, [{ kind: 'end', outcome: 'declined' }])
    t.deepEqual(after(ended, [5_000, wake]).effects, [])
  }
})

test('TF-45: an ERROR in the middle ends the transfer without an answer', (t) => {
  const ended = after(started(), [1, 1], [2, 2], [3, { kind: 'error', code: 3 }])
  t.deepEqual(ended.effects, [{ kind: 'end', outcome: 'aborted-by-client' }])
  t.is(ended.wakeAtMs, Number.POSITIVE_INFINITY)
})

test('TF-24, T12: a duplicate ACK in lock step never causes a resend', (t) => {
  const second = after(started(), [1, 1], [2, 2])
  for (const atMs of [2, 3, 10, 16]) t.deepEqual(after(second, [atMs, 2], [atMs, 2]).effects, [])
  t.deepEqual(after(second, [3, 1]).effects, [])
})

test('TF-25: an ACK of a block that was not sent yet is ignored', (t) => {
  const second = after(started(), [1, 1])
  t.deepEqual(after(second, [2, 3]).effects, [])
  t.deepEqual(after(second, [2, 3], [3, 2]).effects, blocks(3))
})

for (const [bytes, last] of [
  [0, 1],
  [511, 1],
  [512, 2],
  [513, 2],
  [5_120, 11],
] as const) {
  test(`TF-01, T10: ${bytes} octets are ${last} blocks, the last one short`, (t) => {
    t.is(started({ bytes }).transfer.lastBlock, last)
    t.is(simulate({ fileBytes: bytes }).blocksArrived, last)
  })
}

test('C09, T02: to a client that falls silent at once there are two sends at most, then silence until the end', (t) => {
  for (const options of [true, false]) {
    const gone = simulate({ fileBytes: 100_000, options, faults: { loss: 1 } })
    t.is(gone.outcome, 'never-started')
    t.deepEqual(gone.sentAtMs, [0, 500])
    t.true(gone.elapsedMs <= 10_000)
  }
})

test('TF-27: the timeout is three round trips, at least 15 ms, and doubles to 5 s', (t) => {
  t.is(after(started(), [0.2, 1]).wakeAtMs, 0.2 + 15)
  t.is(after(started(), [40, 1]).wakeAtMs, 40 + 120)
  const gone = simulate({ fileBytes: 100_000, leavesAfterBlocks: 3, faults: { delayMs: 10 } })
  const sends = gone.sentAtMs.slice(gone.blocksArrived)
  const waits = sends.slice(1).map((atMs, index) => Math.round(atMs - (sends[index] ?? 0)))
  t.deepEqual(waits.slice(0, 10), [20, 60, 120, 240, 480, 960, 1920, 3840, 5000, 5000])
})

test('TF-27: Karn: a block that was sent twice measures nothing, and the longer timeout stays until one does', (t) => {
  const resent = after(started(), [10, 1], [40, wake])
  t.deepEqual(resent.effects, blocks(2))
  const answered = after(resent, [41, 2])
  t.is(answered.transfer.roundTripMs, 10)
  t.is(answered.wakeAtMs, 41 + 60)
  t.is(after(answered, [51, 3]).wakeAtMs, 51 + 30)
})

test('TF-13: the timeout option bounds the timeout', (t) => {
  const first = started({ terms: { ...negotiated, timeoutMs: 1_000 } })
  let step = after(first, [400, 0], [800, 1])
  t.is(step.wakeAtMs, 800 + 1_000)
  step = after(step, [1_800, wake])
  t.is(step.wakeAtMs, 2_800)
})

test('TF-28: a client that left is given up in bounded time', (t) => {
  const gone = simulate({ fileBytes: 1_000_000, windowBlocks: 8, leavesAfterBlocks: 20 })
  t.is(gone.outcome, 'gave-up')
  t.true(gone.elapsedMs < 31_000, `${gone.elapsedMs} ms`)
  t.true(gone.blocksSent < 24 + 20 * 8, `${gone.blocksSent} blocks`)
})

test('TF-30, T11: when the last ACK is lost, the last DATA is sent again and the transfer counts as done', (t) => {
  const done = simulate({ fileBytes: 5_000, losesLastAcknowledgements: true })
  t.is(done.outcome, 'completed-unconfirmed')
  t.is(done.blocksArrived, done.lastBlock)
  t.is(done.blocksSent, done.lastBlock + 6)
  t.true(done.elapsedMs < 3_000, `${done.elapsedMs} ms`)
})

const windowed: Negotiated = { ...negotiated, windowBlocks: 4 }

test('TF-38, T13: after a gap the sender restarts behind the last good block', (t) => {
  const sending = after(started({ terms: windowed }), [1, 0])
  t.deepEqual(sending.effects, blocks(1, 4))
  t.deepEqual(after(sending, [2, 2]).effects, blocks(3, 4))
})

test('TF-38: the ACK before the window, once more, says that its first block was lost', (t) => {
  const sending = after(started({ terms: windowed }), [1, 0], [2, 4])
  t.deepEqual(after(sending, [3, 4]).effects, blocks(5, 4))
})

test('TF-39: a timeout resends from the last ACK, not the whole file', (t) => {
  const sending = after(started({ terms: windowed }), [1, 0], [2, 4])
  t.deepEqual(after(sending, [2 + 15, wake]).effects, blocks(5, 4))
  t.deepEqual(after(sending, [10, wake]).effects, [])
})

test('T12: in a window repeated ACKs resend at most once a round trip, and only within a budget', (t) => {
  let step = after(started({ terms: windowed, bytes: 50_000 }), [5, 0], [10, 4])
  let resends = 0
  for (let atMs = 10; atMs < 24; atMs += 0.01) {
    step = after(step, [atMs, 4])
    resends += step.effects.length
  }
  t.is(resends, 3)
  for (let atMs = 24; atMs < 5_000; atMs += 1) {
    step = after(step, [atMs, 4])
    resends += step.effects.length
  }
  t.is(resends, 16)
})

test('T12, TF-38: a client out of step gets the end of its window without a time-out, when nothing may be repeated any more', (t) => {
  let step = after(started({ terms: windowed, bytes: 50_000 }), [5, 0], [10, 4])
  for (let atMs = 20; atMs < 1_000; atMs += 10) step = after(step, [atMs, 4])
  t.deepEqual(step.effects, [])
  // It counts its four blocks from 5 on, and 5 to 8 were sent.
  const slid = after(step, [1_000, 5])
  t.deepEqual(slid.effects, blocks(9))
  t.deepEqual(after(slid, [1_000, 5]).effects, [])
  const inStep = after(slid, [1_001, 9])
  t.deepEqual(inStep.effects, blocks(10, 4))
  t.true(inStep.transfer.clean)
  t.is(after(inStep, [1_002, 13]).transfer.repeatsLeft, 1)
})

test('TF-40: the number wraps inside a window', (t) => {
  const wrapped = simulate({ fileBytes: 65_600 * 8, blockBytes: 8, windowBlocks: 16 })
  t.is(wrapped.outcome, 'completed')
  t.is(wrapped.blocksArrived, 65_601)
  t.is(wrapped.blocksSent, 65_601)
})

for (const blockAfterWrap of [0, 1] as const) {
  test(`TF-26, T09: 140,001 blocks arrive when ${blockAfterWrap} follows 65535`, (t) => {
    const done = simulate({
      fileBytes: 140_000 * 8,
      blockBytes: 8,
      windowBlocks: 3,
      blockAfterWrap,
      faults: { loss: 0.01 },
    })
    t.is(done.outcome, 'completed')
    t.is(done.blocksArrived, 140_001)
  })
}

test('T09: numbers on the wire', (t) => {
  t.deepEqual(
    [0, 1, 65_535, 65_536, 65_537, 131_072].map((index) => blockNumber(index, 0)),
    [0, 1, 65_535, 0, 1, 0],
  )
  t.deepEqual(
    [0, 1, 65_535, 65_536, 131_070, 131_071].map((index) => blockNumber(index, 1)),
    [0, 1, 65_535, 1, 65_535, 1],
  )
  t.is(blocksBeyond(65_534, 1, 0), 3)
  t.is(blocksBeyond(65_534, 1, 1), 2)
  t.is(blocksBeyond(65_534, 0, 1), 65_536)
})

for (const [blockBytes, windowBlocks, seed] of [
  [512, 1, 1],
  [1468, 1, 2],
  [1468, 16, 3],
  [1468, 64, 4],
  [8192, 4, 5],
] as const) {
  test(`TF-46: 64 MiB with 10 % loss, doubles and reordering both ways, blksize ${blockBytes}, windowsize ${windowBlocks}`, (t) => {
    const done = simulate({ fileBytes: 64 * 2 ** 20, blockBytes, windowBlocks, faults: bad, seed })
    t.true(done.outcome === 'completed' || done.outcome === 'completed-unconfirmed')
    t.is(done.blocksArrived, done.lastBlock)
    t.true(done.mostInFlight <= windowBlocks)
    t.log(`${Math.round(done.elapsedMs / 1000)} s, ${(done.blocksSent / done.lastBlock).toFixed(2)} sends a block`)
  })
}

test('T12, T13: a client that acknowledges every block out of order causes no storm', (t) => {
  const chatty = simulate({
    fileBytes: 16 * 2 ** 20,
    blockBytes: 1468,
    windowBlocks: 16,
    chatty: true,
    faults: { reorder: 0.05, loss: 0.001, delayMs: 0.5 },
  })
  t.is(chatty.blocksArrived, chatty.lastBlock)
  t.true(chatty.blocksSent < 3 * chatty.lastBlock, `${(chatty.blocksSent / chatty.lastBlock).toFixed(2)} sends a block`)
})

test('TF-27, T23: loss of 1 % costs little time, because the timeout follows the round trip', (t) => {
  const clean = simulate({ fileBytes: 8 * 2 ** 20, blockBytes: 1468, faults: { delayMs: 0.5 } })
  const lossy = simulate({ fileBytes: 8 * 2 ** 20, blockBytes: 1468, faults: { delayMs: 0.5, loss: 0.01 } })
  t.true(lossy.elapsedMs < 2 * clean.elapsedMs, `${lossy.elapsedMs} ms against ${clean.elapsedMs} ms`)
})
