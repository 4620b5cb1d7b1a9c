/**
 * A machine that waits for an administrator's decision. The same eight letters stand on the machine's own screen: who
 * approves compares them first, so that nobody's keys can be slipped in between (security A17).
 */

import { useState } from 'react'
import type { Lane } from '../../contract/progress.ts'
import { request } from './api.ts'

export function ApprovalCode({ lane }: { lane: Lane }) {
  const code = lane.approvalCode
  // Another code is another decision: what was said about the one before does not stay.
  return code === undefined ? null : <Approval key={code} code={code} lane={lane} />
}

function Approval({ code, lane }: { code: string; lane: Lane }) {
  const [state, setState] = useState<'waiting' | 'asked' | 'approved'>('waiting')
  const [fault, setFault] = useState('')
  const approve = async (): Promise<void> => {
    setState('asked')
    const answer = await request('POST', `/agent-sessions/${code}/approve`)
    setState(answer.kind === 'ok' ? 'approved' : 'waiting')
    setFault(answer.kind === 'ok' ? '' : answer.refused.message)
  }
  return (
    <div className="approval">
      <span>
        Waits for approval. Approve it only if its screen shows <code>{code}</code>
      </span>
      {/* Stays where it is, unlike a disabled one, so that the keyboard does not lose its place. */}
      <button
        type="button"
        aria-label={`Approve ${lane.name}, code ${code}`}
        aria-disabled={state !== 'waiting'}
        onClick={() => {
          if (state === 'waiting') void approve()
        }}
      >
        {state === 'approved' ? 'Approved' : 'Approve this machine'}
      </button>
      <span role="status">{state === 'approved' ? 'The machine asks again within seconds.' : fault}</span>
    </div>
  )
}
