/**
 * Memory, processor, descriptors and loop of this process, by the names that dashboards know. prom-client has such metrics
 * too, but only all of them at once: among them lists of every open handle, and a loop delay that each scrape sets back.
 */

import { readdirSync } from 'node:fs'
import type { Registry } from 'prom-client'
import type { LoopDelayMeter } from './loop-delay.ts'
import { showPlain } from './show-metric.ts'

export function showProcess(registry: Registry, loop: Pick<LoopDelayMeter, 'worst'>): void {
  const startSeconds = Date.now() / 1_000 - process.uptime()
  const worst = 'in the worst ten seconds of the last minute'
  showPlain(registry, [
    { name: 'process_start_time_seconds', help: 'When this process began, since 1970.', read: () => startSeconds },
    { name: 'process_cpu_user_seconds_total', help: 'Processor time in the program.', read: () => cpuSeconds('user') },
    {
      name: 'process_cpu_system_seconds_total',
      help: 'Processor time in the kernel for it.',
      read: () => cpuSeconds('system'),
    },
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time.',
      read: () => cpuSeconds('user') + cpuSeconds('system'),
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Memory, files that are mapped included.',
      read: () => process.memoryUsage.rss(),
    },
    {
      name: 'nodejs_heap_size_used_bytes',
      help: 'Objects of the main thread.',
      read: () => process.memoryUsage().heapUsed,
    },
    {
      name: 'nodejs_external_memory_bytes',
      help: 'Octets that objects of the main thread hold outside of its heap.',
      read: () => process.memoryUsage().external,
    },
    ...(countDescriptors() === undefined
      ? []
      : [
          {
            name: 'process_open_fds',
            help: 'Open files, sockets included.',
            read: (): number => countDescriptors() ?? 0,
          },
        ]),
    {
      name: 'reveille_event_loop_delay_p50_seconds',
      help: `How late the event loop is in one of two cases, ${worst}.`,
      read: () => loop.worst.medianMs / 1_000,
    },
    {
      name: 'reveille_event_loop_delay_p99_seconds',
      help: `How late the event loop is in one of a hundred cases, ${worst}.`,
      read: () => loop.worst.p99Ms / 1_000,
    },
    {
      name: 'reveille_event_loop_delay_max_seconds',
      help: 'How late the event loop was at most in the last minute.',
      read: () => loop.worst.maxMs / 1_000,
    },
  ])
}

function cpuSeconds(of: 'user' | 'system'): number {
  return process.cpuUsage()[of] / 1_000_000
}

/** Undefined: only Linux says. */
function countDescriptors(): number | undefined {
  try {
    // One of them is the directory itself.
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return undefined
  }
}
