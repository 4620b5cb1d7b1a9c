/** The policy of a run: sequence, variables and content, put together once and kept with the run. */

import type { Machine } from './machine-standing.ts'
import type { CandidateDeployment } from '../../boot/boot-facts.ts'
import type { Policy, PolicyContent, PolicyVariable } from '../../contract/agent.ts'
import { findReferences } from '../../sequence/mentions.ts'
import type { TaskSequence } from '../../sequence/task-sequence.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import { bootImageFiles } from '../../site/boot-image.ts'
import { strongestByName } from '../../targeting/effective-variables.ts'
import { expandStored } from '../child-sequences.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { agentProblem } from './agent-problem.ts'
import { type ContentReference, policyContent } from './policy-content.ts'

export interface PolicyParts {
  readonly machine: Machine
  readonly candidate: CandidateDeployment
  /** What the person at the machine gave; stronger than what the site says (S1-068). */
  readonly given: readonly PolicyVariable[]
}

export async function makePolicy(
  { store, site }: HttpDependencies,
  { machine, candidate, given }: PolicyParts,
): Promise<Policy> {
  const object = await store.taskSequences.get(candidate.deployment.taskSequenceId)
  if (object === undefined) throw agentProblem('not-armed')
  const expanded = await expandStored(store, object)
  // A sequence that refers to what is not there does not start (S1-074).
  if (expanded.kind === 'refused') throw agentProblem('not-found', expanded.faults[0]?.message)
  const { sequence } = expanded
  return {
    deploymentId: candidate.deployment.id,
    taskSequenceId: object.id,
    taskSequenceRevision: object.revision,
    sequence,
    variables: strongestByName([machineName(machine), machine.facts.variables.map(withoutSecret), given]),
    content: [...(await policyContent(store, neededBy(sequence))), ...(await bootImageOf(store, object))],
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

/** A disabled step needs nothing; a boot image and another sequence are no content of a step. */
function neededBy(sequence: TaskSequence): readonly ContentReference[] {
  return findReferences(sequence).flatMap(({ id, kind, enabled }) =>
    !enabled || kind === 'boot-image' || kind === 'task-sequence' ? [] : [{ id, kind }],
  )
}

/** S1-043: what the installed system starts when the sequence goes on in the boot image. Loaders are not for it. */
async function bootImageOf(
  store: HttpDependencies['store'],
  { bootImageId }: TaskSequenceObject,
): Promise<readonly PolicyContent[]> {
  const image = bootImageId === undefined ? undefined : await store.bootImages.get(bootImageId)
  if (image?.content === undefined) return []
  const { kernel, initramfs } = bootImageFiles
  const files = image.content.files.filter(({ name }) => name === kernel || name === initramfs)
  if (files.length !== 2) return []
  return [{ id: image.id, name: image.name, version: image.content.version, files, kind: 'boot-image' }]
}
