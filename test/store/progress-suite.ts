/** What every store must do for watchers: lanes, their numbers, and changes after each commit. */

import test from 'ava'
import type { Observation, Observed } from '../../server/contract/progress.ts'
import type { ProgressChange } from '../../server/store/ports.ts'
import type { OpenSite } from './open-test-store.ts'
import { startMs } from './open-test-store.ts'
import { event, events, hash, mac, newRun, runId } from './site-builders.ts'

export function progressSuite(open: OpenSite): void {
  test('observations become lanes, numbered by their last change', async (t) => {
    const { store, reopen } = await open(t)
    await store.observe([heard('01'), heard('02'), heard('01', { kind: 'script-fetched' })])
    const { seq, lanes } = await store.lanes()
    t.deepEqual(
      lanes.map((one) => [one.seq, one.lane.id as string, one.lane.stage]),
      [
        [1, '52:54:00:00:00:02', 'dhcp'],
        [2, '52:54:00:00:00:01', 'loader'],
      ],
    )
    t.is(seq, 2)
    await store.observe([heard('02', { kind: 'script-fetched' })])
    t.deepEqual(
      (await store.lanes()).lanes.map((one) => one.seq),
      [2, 3],
    )
    const again = await reopen()
    t.is((await again.lanes()).seq, 3)
    await again.observe([heard('03')])
    t.is((await again.lanes()).seq, 4)
  })

  test('I5: whoever follows the changes from a snapshot on misses nothing and gets nothing twice', async (t) => {
    const { store } = await open(t)
    const changes: ProgressChange[] = []
    await store.observe([heard('01')])
    const stop = store.onChange((change) => changes.push(change))
    const snapshot = await store.lanes()
    const { run } = newRun()
    await store.startRun(newRun())
    const writes = [
      store.addEvents(run.id, events(1, 2), startMs),
      store.observe([heard('02')]),
      store.addEvents(run.id, events(3, 4), startMs),
    ]
    await Promise.all(writes)
    await store.devices.list()
    stop()
    await store.observe([heard('03')])
    const told = changes.flatMap((change) => [...change.lanes, ...change.events].map((one) => one.seq))
    t.is(new Set(told).size, told.length)
    t.true(told.every((seq) => seq > snapshot.seq))
    t.deepEqual(
      changes.flatMap((change) => change.events.map((one) => one.event)),
      [...events(1, 4)],
    )
    t.deepEqual(
      changes.flatMap((change) => change.events),
      [...(await store.runEvents(run.id, 0, 10))],
    )
    for (const change of changes)
      t.is(change.seq, Math.max(...[...change.lanes, ...change.events].map((one) => one.seq)))
    const now = new Map((await store.lanes()).lanes.map((one) => [one.lane.id as string, one]))
    const followed = new Map(
      changes.flatMap((change) => change.lanes.map((one) => [one.lane.id as string, one] as const)),
    )
    for (const id of ['52:54:00:00:00:01', '52:54:00:00:00:02']) t.deepEqual(followed.get(id), now.get(id))
  })

  test('the lane of a run shows its steps, and late events of a replaced run do not disturb it', async (t) => {
    const { store } = await open(t)
    const first = newRun()
    await store.startRun(first)
    await store.addEvents(
      first.run.id,
      [event(1, { kind: 'step-started', path: [0], name: 'Format', type: 'format-and-partition-disk', attempt: 1 })],
      startMs + 5,
    )
    t.like((await store.lanes()).lanes[0]?.lane, { stage: 'steps', text: 'Format', changedAtMs: startMs + 5 })
    await store.startRun(newRun({ id: runId('b'), token: hash('d'), ticket: hash('e') }))
    await store.addEvents(first.run.id, [event(2)], startMs + 6)
    const { lanes } = await store.lanes()
    t.is(lanes.length, 1)
    t.like(lanes[0]?.lane.run, { runId: runId('b') })
    t.deepEqual(lanes[0]?.lane.lines, [])
  })

  test('a write that watchers do not see makes no change', async (t) => {
    const { store } = await open(t)
    const changes: ProgressChange[] = []
    store.onChange((change) => changes.push(change))
    await store.setAdministrator('admin', 'phc')
    await store.observe([])
    t.deepEqual(changes, [])
  })
}

const request: Observation = { kind: 'dhcp-request', platform: 'UEFI x64', stage: 'firmware' }

export const heard = (octet: string, observation: Observation = request): Observed => ({
  lane: mac(`52:54:00:00:00:${octet}`),
  atMs: startMs,
  observation,
})
