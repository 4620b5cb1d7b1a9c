/**
 * Every deployment with its machines in five states: a bar, and the same in words and numbers. The counts are computed when they
 * are asked for, so the page asks now and then while somebody looks at it.
 */

import { useCallback, useState } from 'react'
import type { Answer } from './api.ts'
import { useRepeatedRequest } from './repeated-request.ts'

interface StateOfDeployment {
  readonly state: keyof typeof stateTexts
  readonly count: number
  readonly percent: number | null
}

interface DeploymentStatus {
  readonly deploymentId: string
  readonly taskSequenceName: string
  readonly collectionName: string
  readonly total: number
  readonly formerMembers: number
  readonly states: readonly StateOfDeployment[]
}

const stateTexts = {
  success: 'succeeded',
  'in-progress': 'in progress',
  'requirements-not-met': 'requirements not met',
  unknown: 'unknown',
  error: 'failed',
} as const

const askEveryMs = 5_000

export function DeploymentsPage({ isLive }: { isLive: boolean }) {
  const { deployments, fault } = useDeployments(isLive)
  return (
    <>
      <p className="back">
        <a href="#/">All machines</a>
      </p>
      <h1 tabIndex={-1}>Deployments</h1>
      {fault !== '' && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      {deployments === undefined ? (
        <p className="quiet">Loading …</p>
      ) : deployments.length === 0 ? (
        <p className="quiet">Nothing is deployed yet.</p>
      ) : (
        <ul className="deployments" role="list">
          {deployments.map((deployment) => (
            <DeploymentCard key={deployment.deploymentId} deployment={deployment} />
          ))}
        </ul>
      )}
    </>
  )
}

/** Undefined until the server has said it. */
function useDeployments(isLive: boolean) {
  const [deployments, setDeployments] = useState<readonly DeploymentStatus[]>()
  const [fault, setFault] = useState('')
  const take = useCallback((answer: Answer<{ items: readonly DeploymentStatus[] }>) => {
    setFault(answer.kind === 'ok' ? '' : answer.refused.message)
    if (answer.kind === 'ok') setDeployments(answer.value.items)
  }, [])
  useRepeatedRequest({ path: '/deployment-status', isLive, everyMs: askEveryMs, take })
  return { deployments, fault }
}

function DeploymentCard({ deployment }: { deployment: DeploymentStatus }) {
  const { deploymentId, taskSequenceName, collectionName, total, formerMembers, states } = deployment
  return (
    <li className="deployment">
      <div className="lane-head">
        <h2>{taskSequenceName}</h2>
        <small>
          {deploymentId}, to {collectionName}: {total} {total === 1 ? 'machine' : 'machines'}
          {formerMembers > 0 && `, and ${formerMembers} that left the collection`}
        </small>
      </div>
      {/* The list below says the same. */}
      <div className="state-bar" aria-hidden="true">
        {states.map(
          ({ state, count }) =>
            count > 0 && <span key={state} className={`state-${state}`} style={{ flexGrow: count }} />,
        )}
      </div>
      <ul className="states" role="list" aria-label={`Machines of ${deploymentId}`}>
        {states.map(({ state, count, percent }) => (
          <li key={state} className={`state-text state-text-${state}`}>
            <strong>{count}</strong> {stateTexts[state]}
            {percent !== null && count > 0 && <span className="quiet"> ({percent} %)</span>}
          </li>
        ))}
      </ul>
    </li>
  )
}
