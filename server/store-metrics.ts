/** The store's queues and commits, for Prometheus. */

import type { Registry } from 'prom-client'
import { showLabelled, showPlain } from './metrics/show-metric.ts'
import type { QueueLength, WorkingStore } from './store/load-port.ts'

export function showStore(registry: Registry, store: WorkingStore): void {
  const showQueues = (name: string, help: string, of: (queue: QueueLength) => number): void =>
    showLabelled(registry, {
      name,
      help,
      labelNames: ['queue'],
      read: () =>
        Object.entries(store.work().queues).map(([queue, length]) => ({ labels: { queue }, value: of(length) })),
    })
  showQueues('reveille_store_waiting', 'What waits for the disk.', ({ waiting }) => waiting)
  showQueues('reveille_store_waiting_limit', 'How much may wait for the disk.', ({ waitingMax }) => waitingMax)
  showQueues('reveille_store_dropped_total', 'Refused or dropped, because so much waited.', ({ dropped }) => dropped)
  showPlain(registry, [
    { name: 'reveille_store_commits_total', help: 'Groups of commands on the disk.', read: () => store.work().commits },
    {
      name: 'reveille_store_commits_failed_total',
      help: 'Groups of commands that could not be written.',
      read: () => store.work().commitsFailed,
    },
    {
      name: 'reveille_store_commands_total',
      help: 'Commands on the disk; by commits, the size of a group.',
      read: () => store.work().commandsCommitted,
    },
    {
      name: 'reveille_store_commit_seconds_total',
      help: 'Time that commits took; by commits, the time of one.',
      read: () => store.work().commitMs / 1_000,
    },
  ])
}
