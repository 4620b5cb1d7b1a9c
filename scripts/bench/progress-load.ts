/**
 * Pages that watch while machines report: events go in by the agents' own route, signed, from runs that were started for
 * it, and every page measures how long each took to reach it. Every frame is compared. A peer makes its events itself.
 */

import { setImmediate as turn } from 'node:timers/promises'
import { progressPath } from '../../server/contract/routes.ts'
import { ReadinessSet } from '../../server/listen/readiness-set.ts'
import type { ProgressShape } from './cases.ts'
import { figuresOf, LoadMeter, type LoadResult, type LoadTime } from './load-result.ts'
import { MemoryGrowth } from './memory-growth.ts'
import { Page } from './page.ts'
import { Reports, startRuns } from './reporting-agents.ts'
import { WatchedFrames } from './watched-frames.ts'

export interface ProgressLoad extends LoadTime, ProgressShape {
  readonly address: string
  readonly port: number
  /** Of an administrator; absent: the server makes its events itself. */
  readonly token?: string
}

/** As many pages open their lines at once as the server may have waiting. */
const opensAtOnce = 50

const load = JSON.parse(process.argv[2] ?? '') as ProgressLoad
console.log(JSON.stringify(await run(load)))

async function run(load: ProgressLoad): Promise<LoadResult> {
  const { address, port, token = '', clients, eventsPerSecond } = load
  const agents = load.token === undefined ? [] : await startRuns(load)
  const ready = new ReadinessSet()
  const meter = new LoadMeter(load)
  const watching = new WatchedFrames(meter)
  const pages: Page[] = []
  const read = (): boolean => {
    const tokens = ready.wait(0)
    for (const one of tokens) pages[one]?.read((frame) => watching.take(frame))
    return tokens.length > 0
  }
  for (let number = 0; number < clients; number++) {
    const page = new Page({ address, port, target: `${progressPath}?events=${eventsPerSecond}`, token })
    ready.add(page.descriptor, number)
    pages.push(page)
    if (number % opensAtOnce === 0) while (read()) await turn()
  }
  const reports = new Reports(agents, load)
  const memory = new MemoryGrowth(load.server)
  let nowMs = performance.now()
  while (meter.goesOn(nowMs)) {
    const found = read()
    reports.turn(nowMs)
    if (meter.started) memory.turn(nowMs)
    await turn()
    const beforeMs = nowMs
    nowMs = performance.now()
    if (!found && reports.areIdle) meter.lookedInVain(nowMs - beforeMs)
  }
  const more = { ...figuresOf(watching.waits), ...memory.figures(), ...reports.figures() }
  const result = meter.result({ amount: watching.frames.amount, failed: reports.failed, more })
  for (const page of pages) page.close()
  reports.close()
  ready.close()
  return result
}
