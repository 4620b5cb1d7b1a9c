/** A boot decision as one line of a table: what is given, and `boot RVL20001`, `prompt RVL20001`, `local disk` or `silence`. */

import test from 'ava'
import type { BootDecision } from '../../server/boot/boot-decision.ts'
import type { BootFacts, BootPolicy, CandidateDeployment } from '../../server/boot/boot-facts.ts'
import { decideBoot } from '../../server/boot/decide.ts'
import type { PxeClient } from '../../server/boot/pxe-client.ts'
import {
  bootImage,
  candidate,
  client,
  device,
  facts,
  hidden,
  mark,
  packageId,
  policy,
  required,
} from './boot-fixtures.ts'

export interface Case {
  readonly client?: Partial<PxeClient>
  readonly deployed?: readonly CandidateDeployment[]
  readonly facts?: Partial<BootFacts>
  readonly policy?: Partial<BootPolicy>
}

export function decide(given: Case): BootDecision {
  return decideBoot(client(given.client), facts(given.deployed ?? [], given.facts), policy(given.policy))
}

/** `boot RVL20001`, `prompt RVL20001`, `local disk` or `silence`. */
export function outcome(decision: BootDecision): string {
  switch (decision.kind) {
    case 'boot':
      return `${decision.prompt === undefined ? 'boot' : 'prompt'} ${decision.deployment.id}`
    case 'continue-to-local-disk':
      return 'local disk'
    case 'ignore':
      return 'silence'
    default:
      return decision satisfies never
  }
}

export const decides = test.macro((t, given: Case, expected: string, reason?: RegExp) => {
  const decision = decide(given)
  t.is(outcome(decision), expected)
  if (reason !== undefined) {
    t.regex(
      [decision.reason, ...decision.rejected.map((one) => `${one.deploymentId}: ${one.reason}`)].join('\n'),
      reason,
    )
  }
})

export const open1 = candidate('RVL20001')
export const open2 = candidate('RVL20002')
export const must3 = candidate('RVL20003', required)
export const must4 = candidate('RVL20004', required)
export const hidden5 = candidate('RVL20005', hidden)
export const marked = (id: string) => ({ devices: [device({ requiredPxeMarks: [mark(id)] })] })
export const x86Image = bootImage({ id: packageId('RVL00010'), architecture: 'x86' })
