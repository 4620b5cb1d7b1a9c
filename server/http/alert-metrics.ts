/** How many alerts nobody has acknowledged, for Prometheus: asked of the store whenever somebody looks. */

import { Gauge, type Registry } from 'prom-client'
import type { Store } from '../store/ports.ts'

export function countAlerts(registry: Registry, store: Pick<Store, 'openAlertCount'>): void {
  const open = new Gauge({
    name: 'reveille_alerts_open',
    help: 'Alerts that are not cleared and that nobody has acknowledged.',
    registers: [registry],
    async collect() {
      open.set(await store.openAlertCount())
    },
  })
}
