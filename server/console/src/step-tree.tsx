/** The steps of a run from first to last: what is ahead in grey, what runs with its time ticking, what ended with its result. */

import { memo } from 'react'
import { printDuration, printTime } from './format.ts'
import { Elapsed } from './lane-parts.tsx'
import type { StepRow } from './step-rows.ts'

/** Beyond this the tree is not indented any further. */
const depthMax = 8

export function StepTree({ rows, isOver }: { rows: readonly StepRow[]; isOver: boolean }) {
  return (
    <section>
      <h2 id="steps">Steps</h2>
      <table className="steps" aria-labelledby="steps">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Result</th>
            <th scope="col" className="optional">
              Exit code
            </th>
            <th scope="col" className="optional">
              Began
            </th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, ...row }) => (
            <Row key={key} {...row} isOver={isOver} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Its fields are compared one by one, so that a row is drawn again only when it changed. */
const Row = memo(function Row(row: Omit<StepRow, 'key'> & { isOver: boolean }) {
  const isRunning = row.state === 'running' && !row.isOver
  return (
    <tr className={`step step-${row.state}`} aria-current={isRunning && !row.isGroup ? 'step' : undefined}>
      <th scope="row" className={`depth-${Math.min(row.depth, depthMax)}`}>
        {row.isGroup && (
          <span aria-hidden="true" className="group-mark">
            ▾{' '}
          </span>
        )}
        {row.name}
        {row.message !== '' && <span className="fault"> {row.message}</span>}
      </th>
      <td>{row.state === 'running' && row.isOver ? 'stopped' : row.stateText}</td>
      <td className="optional">{row.exitCode ?? ''}</td>
      <td className="optional">{row.startedAtMs === undefined ? '' : printTime(row.startedAtMs)}</td>
      <td>
        {row.tookMs !== undefined && printDuration(row.tookMs)}
        {isRunning && row.startedAtMs !== undefined && <Elapsed sinceMs={row.startedAtMs} />}
      </td>
    </tr>
  )
})
