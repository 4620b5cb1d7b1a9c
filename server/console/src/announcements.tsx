/**
 * What a screen reader is told while the list changes by itself: who waits, who is done, who failed, who fell silent. One
 * polite live region for the whole page; steps, bars and seconds are not read aloud.
 */

import { useEffect, useRef, useState } from 'react'
import type { Lane, LaneId } from '../../contract/progress.ts'
import { explainStandstill } from '../../contract/standstill.ts'
import { useServerNow } from './server-clock.ts'

/** More in one moment than anybody listens to. */
const sentencesMax = 3

export function Announcements({ lanes }: { lanes: ReadonlyMap<LaneId, Lane> }) {
  const nowMs = useServerNow()
  const told = useRef<Map<LaneId, Matter> | undefined>(undefined)
  const [text, setText] = useState('')
  useEffect(() => {
    const matters = new Map([...lanes].map(([id, lane]) => [id, matterOf(lane, nowMs)]))
    const before = told.current
    // What stood there when the page was opened is read like the rest of the page.
    if (before !== undefined || lanes.size > 0) told.current = matters
    if (before === undefined) return
    const news = [...lanes].filter(([id]) => matters.get(id) !== 'none' && matters.get(id) !== before.get(id))
    if (news.length === 0) return
    const sentences = news.slice(0, sentencesMax).map(([id, lane]) => sentence(lane, matters.get(id) ?? 'none'))
    const more = news.length - sentences.length
    setText([...sentences, ...(more > 0 ? [`And ${more} more.`] : [])].join(' '))
  }, [lanes, nowMs])
  return (
    <p className="visually-hidden" role="status" data-announcements>
      {text}
    </p>
  )
}

type Matter = 'none' | 'waits' | 'silent' | 'succeeded' | 'failed'

function matterOf(lane: Lane, nowMs: number): Matter {
  switch (lane.condition) {
    case 'moving':
      return explainStandstill(lane, nowMs) === undefined ? 'none' : 'silent'
    case 'waiting-for-person':
      return 'waits'
    case 'succeeded':
    case 'failed':
      return lane.condition
    case 'local-disk':
      return 'none'
    default:
      return lane.condition satisfies never
  }
}

function sentence(lane: Lane, matter: Matter): string {
  if (matter === 'silent') return `${lane.name}: nothing was heard for a while.`
  return `${lane.name}: ${lane.text}.`
}
