/** The frame of open alerts, for every page that watches (contract/progress.ts). */

import { openAlertsMax, type ProgressFrame } from '../contract/progress.ts'
import type { Store } from '../store/ports.ts'
import { textFrame } from './text-frame.ts'

export async function alertsFrame(store: Pick<Store, 'alerts' | 'openAlertCount'>): Promise<Uint8Array> {
  const open = await store.alerts({ state: 'raised', limit: openAlertsMax, offset: 0 })
  const alerts = open.map(({ id, severity, text, raisedAtMs }) => ({ id, severity, text, raisedAtMs }))
  const total = await store.openAlertCount()
  return textFrame(JSON.stringify({ kind: 'alerts', alerts, total } satisfies ProgressFrame))
}
