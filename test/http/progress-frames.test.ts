/** When frames go out: at once while that takes no time, together while it does. */

import { mock } from 'node:test'
import test from 'ava'
import { gatherMsMax, ProgressFrames } from '../../server/http/progress-frames.ts'
import type { ProgressChange } from '../../server/store/ports.ts'

test.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
test.afterEach.always(() => mock.timers.reset())

/** Each frame takes so long to be shown to all pages. */
function framesThatTake(ms: number) {
  const shown: number[] = []
  let nowMs = 0
  const show = (frame: ProgressChange): void => {
    shown.push(frame.seq)
    nowMs += ms
  }
  const frames = new ProgressFrames(show, () => nowMs)
  let seq = 0
  return { frames, shown, change: () => frames.add({ seq: (seq += 1), lanes: [], forgotten: [], events: [] }) }
}

test.serial('a few pages are told each change at once', (t) => {
  const { shown, change } = framesThatTake(0.1)
  for (let count = 0; count < 20; count++) change()
  t.is(shown.length, 20)
})

test.serial('many pages are told the first change at once, and what follows together', (t) => {
  const { shown, change } = framesThatTake(20)
  for (let count = 0; count < 5; count++) change()
  t.deepEqual(shown, [1])
  mock.timers.tick(gatherMsMax - 1)
  t.deepEqual(shown, [1])
  mock.timers.tick(1)
  t.deepEqual(shown, [1, 5])
  mock.timers.tick(gatherMsMax)
  change()
  t.deepEqual(shown, [1, 5, 6])
})

test.serial('the rest is as long as the frame was dear', (t) => {
  const { shown, change } = framesThatTake(2)
  change()
  change()
  mock.timers.tick(7)
  t.deepEqual(shown, [1])
  mock.timers.tick(1)
  t.deepEqual(shown, [1, 2])
})

test.serial('frames of the last ten seconds are kept, and a few of a quiet site for longer', (t) => {
  const { frames, change } = framesThatTake(100)
  for (let count = 0; count < 1_000; count++) {
    change()
    mock.timers.tick(gatherMsMax)
  }
  t.is(frames.recent.length, 200)
  t.is(frames.recent.at(-1)?.seq, 1_000)
  const busy = framesThatTake(0.1)
  for (let count = 0; count < 1_000; count++) busy.change()
  t.is(busy.frames.recent.length, 1_000)
})
