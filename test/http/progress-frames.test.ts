/** When frames go out: at once while little happens, together when much does. */

import { mock } from 'node:test'
import test from 'ava'
import { atOnceMax, gatherMs, ProgressFrames } from '../../server/http/progress-frames.ts'
import type { ProgressChange } from '../../server/store/ports.ts'

test.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
test.afterEach.always(() => mock.timers.reset())

function framesOf(): { readonly shown: number[]; readonly add: (changes: number) => void } {
  const shown: number[] = []
  const frames = new ProgressFrames((frame) => shown.push(frame.seq))
  let seq = 0
  const change = (): ProgressChange => ({ seq: (seq += 1), lanes: [], forgotten: [], events: [] })
  return {
    shown,
    add: (changes) => {
      for (let left = changes; left > 0; left--) frames.add(change())
    },
  }
}

test.serial('a quiet site is told each change at once', (t) => {
  const { shown, add } = framesOf()
  for (let moment = 0; moment < 20; moment++) {
    add(1)
    t.is(shown.at(-1), moment + 1)
    mock.timers.tick(gatherMs / 5)
  }
  t.is(shown.length, 20)
})

test.serial('more than a page wants to be told goes together, and nothing is left behind', (t) => {
  const { shown, add } = framesOf()
  add(atOnceMax + 5)
  t.is(shown.length, atOnceMax)
  mock.timers.tick(gatherMs)
  t.deepEqual(shown.slice(atOnceMax), [atOnceMax + 5])
})

test.serial('a busy site is told every 50 ms, and a quiet one at once again', (t) => {
  const { shown, add } = framesOf()
  add(100)
  mock.timers.tick(gatherMs)
  const before = shown.length
  for (let moment = 0; moment < 10; moment++) {
    add(20)
    mock.timers.tick(gatherMs)
  }
  t.is(shown.length - before, 10)
  t.is(shown.at(-1), 300)
  mock.timers.tick(gatherMs)
  add(1)
  t.is(shown.at(-1), 301)
})
