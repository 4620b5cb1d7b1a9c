/** The policy of a run: sequence, variables and content, put together once and kept with the run, but for the values of secret variables. */

import type { Machine } from './machine-standing.ts'
import type { CandidateDeployment } from '../../boot/boot-facts.ts'
import type { Hello, Policy, PolicyVariable } from '../../contract/agent.ts'
import { withDownloadFirst } from '../../sequence/download-first.ts'
import { programToRunFirst, withProgramFirst } from '../../sequence/run-first.ts'
import { strongestByName } from '../../targeting/effective-variables.ts'
import { expandStored } from '../child-sequences.ts'
import type { AskingMachine } from '../../targeting/fitting-driver-packages.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { agentProblem } from './agent-problem.ts'
import { listedContent } from './listed-content.ts'
import { type AskingFrom, locatedContent } from './located-content.ts'
import { fittingDrivers, policyContent } from './policy-content.ts'
import { doors } from './run-time.ts'
import { bootImages, eachOnce, neededBy, sequencePolicy } from './sequence-policy.ts'

export interface PolicyParts {
  readonly machine: Machine
  readonly candidate: CandidateDeployment
  readonly hardware: AskingMachine
  /** What the person at the machine gave; stronger than what the site says (S1-068). */
  readonly given: readonly PolicyVariable[]
  readonly mediumVariables: readonly PolicyVariable[]
  readonly startedFrom: Hello['startedFrom']
  /** When it may restart the installed system that it started in; absent: at any time. */
  readonly restartWindows?: Policy['restartWindows']
  /** Task sequences whose first program has succeeded on this machine, as its client says (S1-075). */
  readonly programsRunFirst: readonly string[]
  readonly from: Pick<AskingFrom, 'ipAddress' | 'siteUrl'>
}

export async function makePolicy(
  dependencies: HttpDependencies,
  {
    machine,
    candidate,
    hardware,
    given,
    mediumVariables,
    startedFrom,
    restartWindows,
    programsRunFirst,
    from,
  }: PolicyParts,
): Promise<Policy> {
  const { store, site } = dependencies
  const object = await store.taskSequences.get(candidate.deployment.taskSequenceId)
  if (object === undefined) throw agentProblem('not-armed')
  const expanded = await expandStored(store, object)
  // A sequence that refers to what is not there does not start (S1-074).
  if (expanded.kind === 'refused') throw agentProblem('not-found', expanded.faults[0]?.message)
  const succeededBefore = programsRunFirst.includes(object.id)
  const first = programToRunFirst(object.settings, { startedFrom: doors[startedFrom], succeededBefore })
  const sequence = first === undefined ? expanded.sequence : withProgramFirst(expanded.sequence, first)
  const content = eachOnce([
    ...(await policyContent(store, neededBy(sequence))),
    ...(await fittingDrivers(store, sequence, hardware)),
    ...(await bootImages(store, object, sequence)),
    ...(await listedContent(store, sequence)),
  ])
  // The boot image has no disk to keep it on.
  const isBefore = startedFrom === 'installed-system' && candidate.deployment.contentOption === 'download-before-start'
  const complete = isBefore ? withDownloadFirst(sequence, content) : { sequence, downloadsFirst: false }
  return {
    ...(await sequencePolicy(site, object)),
    deploymentId: candidate.deployment.id,
    sequence: complete.sequence,
    variables: runVariables(machine, given, mediumVariables),
    content: await locatedContent(dependencies, content, { ...from, deployment: candidate.deployment }),
    // In the boot image nothing says so: the published variable is of the installed system alone.
    ...(startedFrom === 'installed-system' ? { userStarted: machine.selection.kind === 'choose' } : {}),
    ...(restartWindows === undefined ? {} : { restartWindows }),
    ...(candidate.deployment.showTaskSequenceProgress ? {} : { hidesProgress: true }),
    ...(complete.downloadsFirst ? { downloadsFirst: true } : {}),
    ...(first === undefined ? {} : { runsProgramFirst: true }),
  }
}

/**
 * With the values of secrets: the caller has made sure that the machine may have them (machine-standing.ts). What a person
 * gives for a secret variable is secret as well (S1-071).
 */
function runVariables(
  machine: Machine,
  given: readonly PolicyVariable[],
  ofMedium: readonly PolicyVariable[],
): readonly PolicyVariable[] {
  const { variables } = machine.facts
  const secrets = new Set(
    [...ofMedium, ...variables].flatMap(({ name, secret }) => (secret ? [name.toLowerCase()] : [])),
  )
  const kept = given.map((variable) => ({
    ...variable,
    secret: variable.secret || secrets.has(variable.name.toLowerCase()),
  }))
  return strongestByName([ofMedium, machineName(machine), variables, kept])
}

/** As the site keeps it with the run: the machine has its copy, and no second one lies about here (security A10). */
export function withoutSecretValues(policy: Policy): Policy {
  const variables = policy.variables.map((variable) => (variable.secret ? { ...variable, value: '' } : variable))
  return { ...policy, variables }
}

function machineName({ device }: Machine): readonly PolicyVariable[] {
  return device === undefined ? [] : [{ name: '_SMSTSMachineName', value: device.name, secret: false }]
}
