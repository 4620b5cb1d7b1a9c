/** How late the event loop is, measured on a loop that is held up. */

import test from 'ava'
import { Registry } from 'prom-client'
import { waitUntil } from '../../scripts/wait-for.ts'
import { LoopDelayMeter } from '../../server/metrics/loop-delay.ts'
import { showProcess } from '../../server/metrics/process-metrics.ts'
import { valueOf } from './shown-value.ts'

const windowMs = 2_000

function holdUp(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}

const measured = async (loop: LoopDelayMeter): Promise<void> =>
  waitUntil('the first window', () => loop.worst.maxMs > 0, { withinMs: windowMs * 5 })

test.serial('a loop that was held up shows it for a minute, and however often somebody asks', async (t) => {
  const loop = new LoopDelayMeter(windowMs)
  t.teardown(() => loop.close())
  const registry = new Registry()
  showProcess(registry, loop)
  t.is(loop.worst.maxMs, 0)
  setTimeout(() => holdUp(300), windowMs / 2)
  await measured(loop)
  t.true(loop.worst.maxMs >= 250)
  t.true(loop.worst.medianMs < loop.worst.maxMs)
  const ask = async (): Promise<number> =>
    valueOf(await registry.metrics(), 'reveille_event_loop_delay_max_seconds') ?? 0
  const first = await ask()
  t.true(first >= 0.25)
  t.is(await ask(), first, 'one who scrapes takes nothing from the next one')
})

test.serial('a loop that is held up while a window ends shows it', async (t) => {
  const loop = new LoopDelayMeter(windowMs)
  t.teardown(() => loop.close())
  setTimeout(() => holdUp(400), windowMs - 2)
  await measured(loop)
  t.true(loop.worst.maxMs >= 350)
})

test.serial('processor, memory and descriptors have the names that dashboards know', async (t) => {
  const loop = new LoopDelayMeter(windowMs)
  t.teardown(() => loop.close())
  const registry = new Registry()
  showProcess(registry, loop)
  holdUp(30)
  const text = await registry.metrics()
  const cpu = valueOf(text, 'process_cpu_seconds_total') ?? 0
  const usage = process.cpuUsage()
  t.true(cpu > 0.03 && cpu <= (usage.user + usage.system) / 1_000_000)
  t.true((valueOf(text, 'process_resident_memory_bytes') ?? 0) > 10_000_000)
  t.true((valueOf(text, 'process_open_fds') ?? 0) >= 3)
  t.regex(text, /^# TYPE process_cpu_seconds_total counter$/m)
  t.regex(text, /^# TYPE process_open_fds gauge$/m)
})
