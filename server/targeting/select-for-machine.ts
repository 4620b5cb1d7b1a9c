/**
 * Answers the agent's "what shall I run?": start one without asking, choose from a list, or nothing (S6-040 to S6-054).
 * The rules are eligible-deployments.ts; this turns them into the wizard's first decision. A deployment that is
 * started without asking, required or preferred, is to be marked when its run begins (S6-025).
 */

import type { CandidateDeployment, Rejection } from './candidate-deployment.ts'
import { type EarlyStart, eligibleDeployments, type Eligible, type Situation } from './eligible-deployments.ts'
import { whyNoTurn } from './start-guard.ts'

export type MachineSelection<T> =
  | {
      readonly kind: 'start'
      readonly candidate: T
      readonly because: 'preferred' | 'required'
      readonly rejected: readonly Rejection[]
    }
  /** Never a hidden one; the highest identifier first. */
  | {
      readonly kind: 'choose'
      readonly candidates: readonly T[]
      /** Those of `candidates` that start by themselves later. */
      readonly early: readonly EarlyStart<T>[]
      readonly rejected: readonly Rejection[]
    }
  | {
      readonly kind: 'nothing'
      /** For the machine's screen: the same whether a deployment does not exist, is not its own, or has expired (A07). */
      readonly publicText: string
      readonly logText: string
      readonly watcherText?: string
      readonly rejected: readonly Rejection[]
    }

export function selectForMachine<T extends CandidateDeployment>(
  candidates: readonly T[],
  situation: Situation,
): MachineSelection<T> {
  const selection = select(eligibleDeployments(candidates, situation))
  if (selection.kind !== 'start') return selection
  const waits = whyNoTurn(situation.guard, situation.unattendedStarts ?? 0)
  if (waits === undefined) return selection
  const { publicText, reason } = waits
  const rejected = [...selection.rejected, { deploymentId: selection.candidate.deployment.id, reason }]
  const { taskSequenceName } = selection.candidate
  return { kind: 'nothing', publicText, logText: reason, watcherText: `${taskSequenceName}: ${reason}`, rejected }
}

function select<T extends CandidateDeployment>(eligible: Eligible<T>): MachineSelection<T> {
  switch (eligible.kind) {
    case 'preferred':
      return { ...eligible, kind: 'start', because: 'preferred' }
    case 'open':
      return selectOpen(eligible)
    case 'nothing':
      return eligible
    default:
      return eligible satisfies never
  }
}

function selectOpen<T extends CandidateDeployment>(
  eligible: Extract<Eligible<T>, { readonly kind: 'open' }>,
): MachineSelection<T> {
  const [first, ...otherRequired] = eligible.required
  if (first !== undefined) {
    const reason = `required deployment ${first.deployment.id} comes first`
    const others = [...otherRequired, ...offered(eligible)].map(({ deployment }) => ({
      deploymentId: deployment.id,
      reason,
    }))
    return { kind: 'start', candidate: first, because: 'required', rejected: [...eligible.rejected, ...others] }
  }
  // What is required and waits is not passed over for a list: nobody may choose, and the machine would go.
  const waits = eligible.heldBack.find((held) => held.isRequired && held.waits)
  if (waits !== undefined) {
    const { publicText, deploymentId, reason } = waits
    const logText = `${deploymentId}: ${reason}`
    return { kind: 'nothing', publicText, logText, watcherText: logText, rejected: eligible.rejected }
  }
  const candidates = offered(eligible)
  if (candidates.length > 0) return { kind: 'choose', candidates, early: eligible.early, rejected: eligible.rejected }
  return {
    kind: 'nothing',
    publicText: 'No task sequence is available to this machine.',
    logText: whyNothing(eligible.rejected),
    ...(eligible.heldBack.length > 0 ? { watcherText: whyNothing(eligible.rejected) } : {}),
    rejected: eligible.rejected,
  }
}

/** What a person may start. */
function offered<T>({ available, early }: Extract<Eligible<T>, { readonly kind: 'open' }>): readonly T[] {
  return [...available, ...early.map(({ candidate }) => candidate)]
}

function whyNothing(rejected: readonly Rejection[]): string {
  if (rejected.length === 0) return 'nothing is deployed to this machine'
  return `no deployment can run: ${rejected.map(({ deploymentId, reason }) => `${deploymentId}: ${reason}`).join('; ')}`
}
