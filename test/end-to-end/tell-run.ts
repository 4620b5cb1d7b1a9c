/** What a run told the site, in order: one line for each report and for each line that a command printed to its standard output. */

import type { ServerProcess } from '../../scripts/lab/server-process.ts'
import type { RunEventBody } from '../../server/contract/agent.ts'
import type { WatchedEvent } from '../../server/contract/progress.ts'

export async function tellRun(server: ServerProcess, runId: string): Promise<readonly string[]> {
  const path = `/api/v1/runs/${runId}/events?limit=1000`
  const { items } = await server.call<{ items: readonly WatchedEvent[] }>('GET', path)
  return items.flatMap(({ event }) => tell(event.body))
}

function tell(body: RunEventBody): readonly string[] {
  switch (body.kind) {
    case 'sequence-started':
      return ['the sequence starts']
    case 'group-started':
      return [`group ${body.name}${body.taskSequence === undefined ? '' : ` (${body.taskSequence.name})`}`]
    case 'group-ended':
      return [`group ${body.path.join('.')} ${body.outcome}`]
    case 'step-started':
      return [`${body.name}${body.attempt === 1 ? '' : `, attempt ${body.attempt}`}`]
    case 'step-ended':
      return [`  ${body.outcome} ${body.exitCode}${body.message === '' ? '' : `: ${body.message}`}`]
    case 'node-skipped':
      return [`skipped ${body.path.join('.')}: ${body.reason}${body.because === undefined ? '' : `. ${body.because}`}`]
    case 'restarting':
      return [`restarts into the ${body.target}`]
    case 'resumed':
      return [`back in the ${body.where}${body.expected ? '' : ', unexpectedly'}`]
    case 'sequence-ended':
      return [`the sequence ${body.outcome.kind}`]
    case 'output':
      return body.stream === 'stdout' ? body.lines.map((line) => `  > ${line}`) : []
    case 'debugger-attached':
    case 'debugger-paused':
    case 'debugger-command':
      return [body.kind]
    case 'step-progress':
    case 'variables-changed':
      return []
    default:
      return body satisfies never
  }
}
