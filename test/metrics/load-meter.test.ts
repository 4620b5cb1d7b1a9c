/** What the server says of how busy it is: rates between two readings, and what was lost in a minute. */

import test from 'ava'
import type { ServerLoad } from '../../server/contract/server-load.ts'
import { LoadMeter } from '../../server/metrics/load-meter.ts'
import type { Reading } from '../../server/metrics/reading.ts'

/** Loads that are told while these readings are taken, two seconds apart. */
function told(...readings: readonly Reading[]): readonly ServerLoad[] {
  const meter = new LoadMeter()
  const loads: ServerLoad[] = []
  let now: Reading = {}
  meter.add(() => now)
  meter.onLoad((load) => loads.push(load))
  for (const [index, reading] of readings.entries()) {
    now = reading
    meter.measure(index * 2_000)
  }
  return loads
}

const queue = (waiting: number, dropped = 0) => ({ waiting, waitingMax: 100, dropped })
const store = (changes: Partial<NonNullable<Reading['store']>> = {}) => ({
  queues: { commands: queue(0), leases: queue(0) },
  commits: 0,
  commitMs: 0,
  ...changes,
})

test('rates are between the last two readings', (t) => {
  const http = { requests: 10, octets: 1_000, underWay: 1, connections: 2, refused: 0 }
  const [load] = told(
    { dhcp: { answered: 100, dropped: 0 }, http },
    {
      dhcp: { answered: 300, dropped: 0 },
      http: { ...http, requests: 15, octets: 5_001_000, underWay: 3, connections: 4 },
    },
  )
  t.deepEqual(load, {
    dhcp: { answersPerSecond: 100, dropped: 0 },
    http: { requestsPerSecond: 3, bytesPerSecond: 2_500_000, underWay: 3, connections: 4, refused: 0 },
  })
})

test('what was dropped is told for a minute, and then no more', (t) => {
  const dropped = Array.from({ length: 40 }, (_, index) => ({ dhcp: { answered: 0, dropped: index < 3 ? 0 : 7 } }))
  const loads = told(...dropped).map(({ dhcp }) => dhcp?.dropped)
  t.deepEqual(loads.slice(0, 3), [0, 0, 7])
  t.is(loads.filter((count) => count === 7).length, 30)
  t.is(loads.at(-1), 0)
})

test('a service that does not run has no part, and blocks that nobody counts are not said to be none', (t) => {
  const [load] = told({}, { tftp: { transfers: 2, turnedAway: 1 } })
  t.deepEqual(load, { tftp: { transfers: 2, turnedAway: 1 } })
})

test('TFTP: octets are a rate, blocks those of a minute', (t) => {
  const tftp = (octets: number, blocks: number, blocksResent: number): Reading => ({
    tftp: { transfers: 1, turnedAway: 0, sent: { octets, blocks, blocksResent } },
  })
  const loads = told(tftp(0, 10, 1), tftp(2_000, 20, 1), tftp(6_000, 40, 4))
  t.deepEqual(loads.at(-1)?.tftp?.sent, { bytesPerSecond: 2_000, blocks: 30, blocksResent: 3 })
})

test('the database: the fullest queue, and the time of one commit', (t) => {
  const loads = told(
    { store: store() },
    {
      store: store({
        queues: { commands: queue(10), leases: queue(60, 1), observations: queue(20, 2) },
        commits: 4,
        commitMs: 22,
      }),
    },
    { store: store({ commits: 4, commitMs: 22 }) },
  )
  t.deepEqual(loads[0]?.store, { waiting: 60, waitingMax: 100, commitMs: 6, dropped: 3 })
  t.false('commitMs' in (loads[1]?.store ?? {}), 'nothing was committed')
})

test('whoever does not listen any more is told nothing', (t) => {
  const meter = new LoadMeter()
  let count = 0
  const stop = meter.onLoad(() => (count += 1))
  meter.measure(0)
  t.is(count, 0, 'one reading is no rate')
  meter.measure(1)
  stop()
  meter.measure(2)
  t.is(count, 1)
})
