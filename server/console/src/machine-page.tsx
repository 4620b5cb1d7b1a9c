/** One machine's own page: the tree of steps with times and exit codes, variables, and the log, live. */

import { useEffect, useMemo, useState } from 'react'
import type { RunId } from '../../address/identifiers.ts'
import type { Lane } from '../../contract/progress.ts'
import { explainStandstill } from '../../contract/standstill.ts'
import { request } from './api.ts'
import { ApprovalCode } from './approval-code.tsx'
import { DebuggerCommands } from './debugger-commands.tsx'
import { Elapsed, LaneProgress, Stages, StandstillNote } from './lane-parts.tsx'
import { type Hardware, MachineFacts, useHardware } from './machine-facts.tsx'
import { RunLog } from './run-log.tsx'
import type { RunStory } from './run-story.ts'
import { useServerNow } from './server-clock.ts'
import { type PlannedStep, stepRows } from './step-rows.ts'
import { StepTree } from './step-tree.tsx'
import type { WatchRun } from './watched-site.ts'

interface Props {
  readonly lane: Lane
  readonly story: RunStory
  readonly isLive: boolean
  readonly watchRun: WatchRun
}

export function MachinePage({ lane, story, isLive, watchRun }: Props) {
  const runId = lane.run?.runId
  useEffect(() => {
    watchRun(runId)
    return () => watchRun(undefined)
  }, [runId, watchRun])
  const planned = usePlannedSteps(runId, isLive)
  const rows = useMemo(() => stepRows(planned, story), [planned, story])
  const variables = useMemo(
    () => [...story.variables.values()].sort((a, b) => a.name.localeCompare(b.name)),
    [story.variables],
  )
  return (
    <>
      <p className="back">
        <a href="#/">All machines</a>
      </p>
      <LaneSection lane={lane} hardware={useHardware(lane, isLive)} />
      {rows.length > 0 && <StepTree rows={rows} isOver={lane.stage === 'done'} />}
      {variables.length > 0 && <Variables variables={variables} />}
      <RunLog story={story} lane={lane} />
    </>
  )
}

/** The run's copy of the sequence never changes, so one good answer is enough. */
function usePlannedSteps(runId: RunId | undefined, isLive: boolean): readonly PlannedStep[] {
  const [plan, setPlan] = useState<{ readonly runId: RunId; readonly steps: readonly PlannedStep[] }>()
  const isKnown = plan !== undefined && plan.runId === runId
  useEffect(() => {
    if (runId === undefined || isKnown || !isLive) return undefined
    let isWanted = true
    void request<{ steps: readonly PlannedStep[] }>('GET', `/runs/${runId}`).then((answer) => {
      if (isWanted && answer.kind === 'ok') setPlan({ runId, steps: answer.value.steps })
    })
    return () => {
      isWanted = false
    }
  }, [runId, isKnown, isLive])
  return isKnown ? plan.steps : []
}

function LaneSection({ lane, hardware }: { lane: Lane; hardware: Hardware | undefined }) {
  const isStanding = explainStandstill(lane, useServerNow()) !== undefined
  return (
    <section className={`lane lane-${isStanding ? 'standing' : lane.condition}`}>
      <div className="lane-head">
        <h1 tabIndex={-1}>{lane.name}</h1>
        {lane.condition === 'moving' && <Elapsed className="clock" sinceMs={lane.startedAtMs} />}
      </div>
      <Stages lane={lane} />
      <p className="now" role="status">
        {lane.text}
      </p>
      <ApprovalCode lane={lane} />
      <DebuggerCommands lane={lane} />
      <LaneProgress lane={lane} />
      {isStanding && <StandstillNote lane={lane} />}
      <MachineFacts lane={lane} hardware={hardware} />
    </section>
  )
}

type Variable = RunStory['variables'] extends ReadonlyMap<string, infer V> ? V : never

function Variables({ variables }: { variables: readonly Variable[] }) {
  return (
    <details>
      <summary>
        <h2>Variables ({variables.length})</h2>
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {variables.map(({ name, value, secret }) => (
            <tr key={name.toLowerCase()}>
              <th scope="row">{name}</th>
              <td>{secret ? '*** (not displayed)' : value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
