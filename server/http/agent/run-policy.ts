/** The policy of a run: sequence, variables and content, put together once and kept with the run. */

import type { Machine } from './machine-standing.ts'
import type { CandidateDeployment } from '../../boot/boot-facts.ts'
import type { Policy, PolicyVariable } from '../../contract/agent.ts'
import { findReferences } from '../../sequence/mentions.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import { strongestByName } from '../../targeting/effective-variables.ts'
import type { AskingMachine } from '../../targeting/fitting-driver-packages.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { agentProblem } from './agent-problem.ts'
import { type ContentReference, fittingDrivers, policyContent } from './policy-content.ts'

export interface PolicyParts {
  readonly machine: Machine
  readonly candidate: CandidateDeployment
  readonly hardware: AskingMachine
  /** What the person at the machine gave; stronger than what the site says (S1-068). */
  readonly given: readonly PolicyVariable[]
}

export async function makePolicy(
  { store, site }: HttpDependencies,
  { machine, candidate, hardware, given }: PolicyParts,
): Promise<Policy> {
  const object = await store.taskSequences.get(candidate.deployment.taskSequenceId)
  if (object === undefined) throw agentProblem('not-armed')
  return {
    deploymentId: candidate.deployment.id,
    taskSequenceId: object.id,
    taskSequenceRevision: object.revision,
    sequence: object.sequence,
    variables: strongestByName([machineName(machine), machine.facts.variables.map(withoutSecret), given]),
    content: [
      ...(await policyContent(store, neededBy(object))),
      ...(await fittingDrivers(store, object.sequence, hardware)),
    ],
    siteCode: site.siteCode,
  }
}

/** Secrets go by name only: their values stay here until there is a claim for them (security 6.4). */
function withoutSecret(variable: PolicyVariable): PolicyVariable {
  return variable.secret ? { ...variable, value: '' } : variable
}

function machineName({ device }: Machine): readonly PolicyVariable[] {
  return device === undefined ? [] : [{ name: '_SMSTSMachineName', value: device.name, secret: false }]
}

/** A disabled step needs nothing; of a boot image and of another sequence no files are needed here. */
function neededBy({ sequence }: TaskSequenceObject): readonly ContentReference[] {
  return findReferences(sequence).flatMap(({ kind, id, enabled }) =>
    enabled && kind !== 'boot-image' && kind !== 'task-sequence' ? [{ kind, id }] : [],
  )
}
