/** What is known of a machine, and what its agent says of it: hints for a person's eye, none of them a proof. */

import { useEffect, useState } from 'react'
import { type Lane, laneStages } from '../../contract/progress.ts'
import { request } from './api.ts'

/** Of an agent's session, as `GET /agent-sessions` tells it. */
interface Session extends Hardware {
  readonly code: string
  readonly macAddresses: readonly string[]
  readonly createdAtMs: number
}

export interface Hardware {
  readonly manufacturer?: string
  readonly model?: string
  readonly serialNumber?: string
}

/** Asked for when an agent has spoken, and again when another one did: its code is another. */
export function useHardware({ id, stage, approvalCode }: Lane, isLive: boolean): Hardware | undefined {
  const [found, setFound] = useState<{ readonly id: string; readonly hardware: Hardware }>()
  const hasSpoken = laneStages.indexOf(stage) >= laneStages.indexOf('agent')
  useEffect(() => {
    if (!hasSpoken || !isLive) return undefined
    let isWanted = true
    void request<{ items: readonly Session[] }>('GET', '/agent-sessions').then((answer) => {
      if (!isWanted || answer.kind === 'refused') return
      const ofMachine = answer.value.items
        .filter(({ macAddresses }) => macAddresses.some((address) => address.toLowerCase() === id))
        .toSorted((a, b) => a.createdAtMs - b.createdAtMs)
      const session = ofMachine.find(({ code }) => code === approvalCode) ?? ofMachine.at(-1)
      if (session !== undefined) setFound({ id, hardware: session })
    })
    return () => {
      isWanted = false
    }
  }, [id, hasSpoken, approvalCode, isLive])
  return found?.id === id ? found.hardware : undefined
}

export function MachineFacts({ lane, hardware }: { lane: Lane; hardware: Hardware | undefined }) {
  const { run } = lane
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['MAC address', lane.id],
    ['IP address', lane.ipAddress],
    ['SMBIOS GUID', lane.smbiosGuid],
    ['Firmware', lane.platform],
    ['Manufacturer', hardware?.manufacturer],
    ['Model', hardware?.model],
    ['Serial number', hardware?.serialNumber],
    ['Device', lane.deviceId],
    ['Task sequence', run === undefined ? undefined : `${run.taskSequenceName} (${run.taskSequenceId})`],
    ['Deployment', run?.deploymentId],
    ['Run', run?.runId],
  ]
  return (
    <dl className="facts">
      {facts.map(([name, value]) =>
        value === undefined || value === '' ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}
