/**
 * Alerts that nobody has acknowledged, above every page: what is the matter, what to do, and a button for whoever has seen it. They come
 * over the live line, so an alert that is raised, cleared or acknowledged elsewhere comes and goes by itself.
 */

import { useId, useState } from 'react'
import type { OpenAlert } from '../../contract/progress.ts'
import { request } from './api.ts'
import { printDateAndTime } from './format.ts'
import type { OpenAlerts } from './progress-connection.ts'

/** Stands in the page before anything is in it: only then is what comes into it read aloud. */
export function AlertsBanner({ alerts: { alerts, total } }: { alerts: OpenAlerts }) {
  const more = total - alerts.length
  return (
    <div role="status">
      {alerts.length > 0 && (
        <section className="alerts" aria-label="Alerts">
          <ul role="list">
            {alerts.map((alert) => (
              <OpenAlertItem key={alert.id} alert={alert} />
            ))}
          </ul>
          {more > 0 && (
            <p className="quiet">
              And {more} more: <code>./reveille alert list --state raised</code>
            </p>
          )}
        </section>
      )}
    </div>
  )
}

const severityTexts = { warning: 'Warning', critical: 'Critical' } as const satisfies Record<
  OpenAlert['severity'],
  string
>

function OpenAlertItem({ alert: { id, severity, text, raisedAtMs } }: { alert: OpenAlert }) {
  const textId = useId()
  const [fault, setFault] = useState('')
  const acknowledge = async (button: HTMLElement): Promise<void> => {
    const answer = await request('POST', `/alerts/${id}/acknowledge`)
    setFault(answer.kind === 'ok' ? '' : answer.refused.message)
    if (answer.kind === 'ok') leave(button)
  }
  return (
    <li className={`alert alert-${severity}`}>
      <p id={textId}>
        <strong>{severityTexts[severity]}</strong>, {printDateAndTime(raisedAtMs)}: {text}
      </p>
      <button
        type="button"
        className="plain"
        aria-describedby={textId}
        onClick={({ currentTarget }) => void acknowledge(currentTarget)}
      >
        Acknowledge
      </button>
      {fault !== '' && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </li>
  )
}

/** The alert goes with its button; whoever works by keyboard finds the next one, or the page. */
function leave(button: HTMLElement): void {
  if (document.activeElement !== button) return
  const item = button.closest('li')
  const next = item?.nextElementSibling ?? item?.previousElementSibling
  const target = next?.querySelector('button') ?? document.querySelector<HTMLElement>('main h1')
  target?.focus()
}
