/**
 * A run that the debugger holds, and the commands that let it go (S1-101). Breakpoints and the place where it goes on are set
 * with `./reveille run debug` or the API.
 */

import { useState } from 'react'
import type { Lane, LaneRun } from '../../contract/progress.ts'
import type { plainDebugCommands } from '../../sequence/debug.ts'
import { request } from './api.ts'

export function DebuggerCommands({ lane }: { lane: Lane }) {
  const { run } = lane
  if (run?.pausedByDebugger !== true) return null
  // Held elsewhere it is another decision.
  return <Commands key={lane.text} run={run} />
}

type Command = Exclude<(typeof plainDebugCommands)[number], 'clear-all-breaks'>

const commands = [
  { command: 'step', text: 'Step' },
  { command: 'run', text: 'Run' },
  { command: 'cancel', text: 'Cancel the run' },
  { command: 'quit', text: 'Quit the debugger' },
] as const satisfies readonly { readonly command: Command; readonly text: string }[]

function Commands({ run }: { run: LaneRun }) {
  /** One decision is enough: from the click on, no other is taken, unless the server refuses this one. */
  const [isDecided, setDecided] = useState(false)
  const [told, setTold] = useState('')
  const give = async (command: Command): Promise<void> => {
    setDecided(true)
    const answer = await request('POST', `/runs/${run.runId}/debugger/commands`, { command })
    setDecided(answer.kind === 'ok')
    setTold(answer.kind === 'ok' ? 'The machine takes it within seconds.' : answer.refused.message)
  }
  return (
    <div className="debugger">
      {commands.map(({ command, text }) => (
        <button
          key={command}
          type="button"
          className={command === 'step' ? undefined : 'plain'}
          aria-disabled={isDecided}
          onClick={() => {
            if (!isDecided) void give(command)
          }}
        >
          {text}
        </button>
      ))}
      <span role="status">{told}</span>
    </div>
  )
}
