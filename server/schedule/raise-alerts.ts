/**
 * Every minute: alerts are raised for what there is cause for, and cleared when it is over (S5-036). What holds is read from the site
 * as it is, so an absence of the server loses nothing: an instant that passed meanwhile is judged with the first turn.
 */

import type { Alert } from '../site/alert.ts'
import type { Job } from './job.ts'

export interface AlertKeeper {
  judgeAlerts(): Promise<{ readonly raised: readonly Alert[]; readonly cleared: readonly Alert[] }>
}

export function raiseAlerts(store: AlertKeeper): Job {
  return {
    name: 'raise alerts',
    // Thresholds are given with an instant; while nothing changes a turn reads nothing.
    due: '* * * * *',
    async run() {
      const { raised, cleared } = await store.judgeAlerts()
      if (raised.length + cleared.length === 0) return {}
      const text = `Raised ${raised.length} alerts and cleared ${cleared.length}`
      const textsOf = (alerts: readonly Alert[]): readonly string[] => alerts.map((alert) => alert.text)
      return { text, fields: { raised: textsOf(raised), cleared: textsOf(cleared) } }
    },
  }
}
