/** Every machine's lane, the ones that need somebody first. */

import { memo } from 'react'
import type { Lane } from '../../contract/progress.ts'
import { explainStandstill } from '../../contract/standstill.ts'
import { ApprovalCode } from './approval-code.tsx'
import { Elapsed, LaneProgress, Stages, StandstillNote } from './lane-parts.tsx'
import { useServerNow } from './server-clock.ts'

/** Looks at the clock each second to see who stands still; a card is drawn again only when its lane changed or that did. */
export function LaneList({ lanes, isLoaded }: { lanes: readonly Lane[]; isLoaded: boolean }) {
  const nowMs = useServerNow()
  if (lanes.length === 0) return isLoaded ? <NoMachines /> : <p className="quiet">Loading …</p>
  const rows = lanes.map((lane) => {
    const isStanding = explainStandstill(lane, nowMs) !== undefined
    return { lane, isStanding, rank: isStanding ? 0 : ranks[lane.condition] }
  })
  rows.sort((a, b) => a.rank - b.rank || b.lane.startedAtMs - a.lane.startedAtMs || (a.lane.id < b.lane.id ? -1 : 1))
  return (
    <>
      <h1 className="visually-hidden" tabIndex={-1}>
        Machines
      </h1>
      <Summary lanes={lanes} standing={rows.filter(({ isStanding }) => isStanding).length} />
      {/* Without the role, a list without bullets is no list to some screen readers. */}
      <ul className="lanes" role="list">
        {rows.map(({ lane, isStanding }) => (
          <LaneCard key={lane.id} lane={lane} isStanding={isStanding} />
        ))}
      </ul>
    </>
  )
}

const ranks = {
  'waiting-for-person': 0,
  failed: 1,
  moving: 2,
  succeeded: 3,
  'local-disk': 4,
} as const satisfies Record<Lane['condition'], number>

const conditionTexts = {
  moving: 'on the way',
  'waiting-for-person': 'waiting for somebody',
  failed: 'failed',
  succeeded: 'done',
  'local-disk': 'started from disk',
} as const satisfies Record<Lane['condition'], string>

function Summary({ lanes, standing }: { lanes: readonly Lane[]; standing: number }) {
  const counts: readonly { readonly text: string; readonly count: number }[] = [
    ...Object.entries(conditionTexts).map(([condition, text]) => ({
      text,
      count: lanes.filter((lane) => lane.condition === condition).length,
    })),
    { text: 'silent for too long', count: standing },
  ].filter(({ count }) => count > 0)
  return (
    <p className="summary">
      {lanes.length} {lanes.length === 1 ? 'machine' : 'machines'}:{' '}
      {counts.map(({ text, count }) => `${count} ${text}`).join(', ')}
    </p>
  )
}

const LaneCard = memo(function LaneCard({ lane, isStanding }: { lane: Lane; isStanding: boolean }) {
  return (
    <li className={`lane lane-${isStanding ? 'standing' : lane.condition}`} id={`lane-${lane.id}`}>
      <div className="lane-head">
        <h2>
          <a href={`#/machine/${lane.id}`}>{lane.name}</a>
        </h2>
        <span className="quiet">
          {[lane.name.includes(lane.id) ? '' : lane.id, lane.ipAddress, lane.platform].filter(Boolean).join(' · ')}
        </span>
        {lane.condition === 'moving' && <Elapsed className="clock" sinceMs={lane.startedAtMs} />}
      </div>
      <Stages lane={lane} />
      <p className="now">{lane.text}</p>
      <ApprovalCode lane={lane} />
      <LaneProgress lane={lane} />
      {isStanding && <StandstillNote lane={lane} />}
      {lane.lines.length > 0 && <pre className="tail">{lane.lines.slice(-3).join('\n')}</pre>}
    </li>
  )
})

function NoMachines() {
  return (
    <div className="empty">
      <h1 tabIndex={-1}>No machine has been heard of yet</h1>
      <p>Network-boot one. Its lane appears here with the first packet.</p>
      <p>
        Nothing comes? The machine must be in the same network as this server, or behind a DHCP relay (IP helper) that
        points here as well as to the DHCP server. <code>./reveille boot-preview --mac …</code> says what a machine
        would get, and why.
      </p>
    </div>
  )
}
