/** Pieces that the list and a machine's own page share: the row of stages, bars, times, why nothing moves. */

import type { Lane, LaneStage } from '../../contract/progress.ts'
import { laneStages } from '../../contract/progress.ts'
import { explainStandstill } from '../../contract/standstill.ts'
import { printBytes, printDuration } from './format.ts'
import { useServerNow } from './server-clock.ts'

const stageTitles = {
  dhcp: 'DHCP',
  loader: 'Loader',
  'boot-image': 'Boot image',
  agent: 'Agent',
  steps: 'Steps',
  restart: 'Restart',
  done: 'Done',
} as const satisfies Record<LaneStage, string>

type StageState = 'passed' | 'current' | 'ahead' | 'failed'

const stageTexts = {
  passed: ', passed',
  current: ', now',
  ahead: ', not yet',
  failed: '',
} as const satisfies Record<StageState, string>

export function Stages({ lane }: { lane: Lane }) {
  return (
    <ol className="stages" role="list" aria-label="Stages of this boot">
      {laneStages.map((stage) => {
        const state = stageState(lane, stage)
        return (
          <li key={stage} className={`stage stage-${state}`} aria-current={state === 'current' ? 'step' : undefined}>
            {state === 'failed' ? 'Failed' : stageTitles[stage]}
            <span className="visually-hidden">{stageTexts[state]}</span>
          </li>
        )
      })}
    </ol>
  )
}

/** A run passes "restart" on the way back to its steps, so a stage that lies behind is drawn as passed either way. */
function stageState(lane: Lane, stage: LaneStage): StageState {
  if (lane.condition === 'succeeded') return 'passed'
  const index = laneStages.indexOf(stage)
  const current = laneStages.indexOf(lane.stage)
  if (index === current) return lane.condition === 'failed' ? 'failed' : 'current'
  const hasRestarted = lane.run?.where === 'installed-system'
  if (stage === 'restart') return hasRestarted && index !== current ? 'passed' : 'ahead'
  return index < current ? 'passed' : 'ahead'
}

export function LaneProgress({ lane }: { lane: Lane }) {
  const { transfer, run } = lane
  return (
    <>
      {transfer !== undefined && lane.condition === 'moving' && (
        <Bar
          label={`${transfer.file} (${transfer.protocol.toUpperCase()})`}
          done={transfer.bytes}
          total={transfer.totalBytes}
          text={`${printPart(transfer.bytes, transfer.totalBytes)}, ${printBytes(transfer.bytesPerSecond)}/s`}
        />
      )}
      {run !== undefined && lane.stage !== 'done' && (
        <Bar
          label={run.taskSequenceName}
          done={run.stepsEnded}
          total={run.stepsTotal}
          text={`${run.stepsEnded} of ${run.stepsTotal} steps`}
        />
      )}
      {run?.stepProgress !== undefined && lane.stage !== 'done' && (
        <Bar
          label={run.stepProgress.text}
          done={run.stepProgress.done}
          total={run.stepProgress.unit === 'percent' ? 100 : run.stepProgress.total}
          text={printStepProgress(run.stepProgress)}
        />
      )}
    </>
  )
}

type StepProgress = NonNullable<NonNullable<Lane['run']>['stepProgress']>

function printStepProgress({ done, total, unit }: StepProgress): string {
  if (unit === 'percent') return `${Math.round(done)} %`
  if (unit === 'bytes') return printPart(done, total)
  return total === undefined ? `${done}` : `${done} of ${total}`
}

function printPart(bytes: number, total: number | undefined): string {
  return total === undefined ? printBytes(bytes) : `${printBytes(bytes)} of ${printBytes(total)}`
}

function Bar({ label, done, total, text }: { label: string; done: number; total: number | undefined; text: string }) {
  const isMeasured = total !== undefined && total > 0
  return (
    <div className="bar">
      <span className="bar-label">{label}</span>
      <progress
        aria-label={label === '' ? 'Progress of the step' : label}
        {...(isMeasured ? { max: total, value: Math.min(done, total) } : {})}
      />
      <span className="bar-text">{text}</span>
    </div>
  )
}

/** Since when, ticking. */
export function Elapsed({ sinceMs, className = '' }: { sinceMs: number; className?: string }) {
  return <span className={`quiet ${className}`}>{printDuration(useServerNow() - sinceMs)}</span>
}

/** Not a live region: its seconds would be read aloud for ever. That it began to stand still is announced once. */
export function StandstillNote({ lane }: { lane: Lane }) {
  const standstill = explainStandstill(lane, useServerNow())
  if (standstill === undefined) return null
  return (
    <div className="standstill">
      <strong>Nothing heard for {printDuration(standstill.silentMs)}.</strong> Expected next: {standstill.expected}.
      <br />
      Likely cause: {standstill.likelyCause}
    </div>
  )
}
