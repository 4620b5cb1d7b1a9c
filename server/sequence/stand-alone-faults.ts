/**
 * What stand-alone media cannot do (S7-002, S7-025, S7-026): which steps of a sequence need the site, the network, or what is not
 * on the medium, so that whoever makes it reads that before a machine does. A step is looked at where it could run from such a
 * medium: enabled, and no condition above it keeps it away, such as `_SMSTSMediaType not-equals FullMedia` (A7-05).
 */

import type { PackageId } from '../address/identifiers.ts'
import { emptyEnvironment, type Environment, setVariables } from './environment.ts'
import { evaluateCondition } from './evaluate-condition.ts'
import { mentionsOf } from './mentions.ts'
import { flattenNodes } from './progress.ts'
import { type Action, type ActionType, stepTypeOf } from './step-types.ts'
import { stateStorePathVariable } from './step-types/state-store-path.ts'
import type { Node, NodePath, Step, TaskSequence } from './task-sequence.ts'

export interface StandAloneFault {
  /** `warning`: it works where the machine has a network after all. */
  readonly severity: 'fault' | 'warning'
  /** Absent: of the sequence as a whole, or of the medium. */
  readonly path?: NodePath
  /** With the step's name and type, where it is one. */
  readonly message: string
}

/** What the medium says besides the sequence. */
export interface StandAloneMedium {
  readonly bootImageId?: PackageId
  /** Of the medium, which have a value. */
  readonly variables: readonly string[]
}

/** Its children stand in their places (expand-sequence.ts). */
export function findStandAloneFaults(sequence: TaskSequence, medium: StandAloneMedium): readonly StandAloneFault[] {
  const faults: StandAloneFault[] = []
  if (medium.bootImageId === undefined) {
    faults.push(
      fault(`The task sequence "${sequence.name}" has no boot image, which a stand-alone medium starts (S7-002).`),
    )
  }
  const steps = stepsFromMedia(sequence)
  if (!steps.some(({ step }) => appliesSystem(step))) {
    faults.push(
      fault(`The task sequence "${sequence.name}" applies no operating system: media are for those that do (S7-025).`),
    )
  }
  const affinity = medium.variables.find((name) => affinityVariables.has(name.toLowerCase()))
  if (affinity !== undefined) faults.push(fault(`The variable ${affinity} is for the site: ${affinityReason}`))
  return [...faults, ...faultsOfSteps(steps, medium)]
}

export interface StepFromMedia {
  readonly path: NodePath
  readonly step: Step
}

/** Those that could run from a stand-alone medium, in their order. */
export function stepsFromMedia(sequence: TaskSequence): readonly StepFromMedia[] {
  const shut: NodePath[] = []
  return flattenNodes(sequence).flatMap(({ path, node, enabled }) => {
    if (!enabled || shut.some((above) => above.every((index, at) => path[at] === index))) return []
    if (isShut(node)) shut.push(path)
    return node.kind === 'step' && !isShut(node) ? [{ path, step: node }] : []
  })
}

function isShut({ condition }: Node): boolean {
  if (condition === undefined) return false
  return evaluateCondition(condition, { environment: onMedium, answers: new Map(), isSettled }) === false
}

/** S7-027: set on every stand-alone medium, and not set on any. */
const settled: ReadonlyMap<string, string> = new Map([
  ['_smstsmediatype', 'FullMedia'],
  ['_smstsadvertid', ''],
  ['_smstsclientguid', ''],
])
const onMedium = environmentOf([...settled].map(([name, value]) => ({ name, value, secret: false })))

function isSettled(variable: string): boolean {
  return settled.has(variable.toLowerCase())
}

function environmentOf(variables: Environment['variables']): Environment {
  const set = setVariables(emptyEnvironment, variables, 'product')
  return set.kind === 'set' ? set.environment : emptyEnvironment
}

/** What is known when a step's turn comes. */
interface Before {
  /** In small letters. */
  readonly variables: ReadonlySet<string>
  readonly systemApplied: boolean
}

function faultsOfSteps(steps: readonly StepFromMedia[], { variables }: StandAloneMedium): readonly StandAloneFault[] {
  const known = new Set(variables.map((name) => name.toLowerCase()))
  let systemApplied = false
  return steps.flatMap(({ path, step }) => {
    const found = whyNot(step.action, { variables: known, systemApplied })
    for (const mention of mentionsOf(step.action)) {
      if (mention.kind === 'sets-variable') known.add(mention.variable.toLowerCase())
    }
    systemApplied ||= appliesSystem(step)
    if (found === undefined) return []
    const { title } = stepTypeOf(step.action)
    return [{ ...found, path, message: `Step "${step.name}" (${title}): ${found.message}` }]
  })
}

function appliesSystem({ action }: Step): boolean {
  return action.type === 'apply-operating-system-image'
}

function whyNot(action: Action, before: Before): StandAloneFault | undefined {
  return rules[action.type]?.(action, before)
}

type Rule = (action: Action, before: Before) => StandAloneFault | undefined

const affinityVariables: ReadonlySet<string> = new Set(['smstsudausers', 'smstsassignusersmode'])
const affinityReason = 'users are not assigned to a device from stand-alone media (S7-025).'

const rules: Partial<Record<ActionType, Rule>> = {
  'auto-apply-drivers': always('which drivers fit is asked of the site (S7-025). Apply Driver Package works.'),
  'download-package-content': always('it is not supported on stand-alone media (S7-025).'),
  'install-software-updates': always('updates come over the network (S7-025).'),
  'install-application': (action, before) => software(action, before),
  'install-package': (action, before) => software(action, before),
  'setup-windows-and-configmgr': (action) =>
    action.type === 'setup-windows-and-configmgr' && action.usePreProductionClient
      ? fault('there is no pre-production client on stand-alone media (S7-025).')
      : undefined,
  'request-state-store': (_, { variables }) =>
    variables.has(stateStorePathVariable.toLowerCase())
      ? undefined
      : fault(`the state store is at the site (S7-026). Set ${stateStorePathVariable} to a folder before it.`),
  'capture-operating-system-image': (action, { variables }) =>
    isSentToSite(action, variables)
      ? fault('without a destination the image is sent to the site (S7-026). Give a folder.')
      : undefined,
  'set-task-sequence-variable': (action) => affinity(action),
  'set-dynamic-variables': (action) => affinity(action),
  'join-domain-or-workgroup': (action) =>
    action.type === 'join-domain-or-workgroup' && action.joinType === 'domain' ? needsNetwork('the domain') : undefined,
  'apply-network-settings': (action) =>
    action.type === 'apply-network-settings' && action.joinType === 'domain' ? needsNetwork('the domain') : undefined,
  'connect-to-network-folder': () => needsNetwork('the folder'),
}

function always(message: string): Rule {
  return () => fault(message)
}

function software(action: Action, { systemApplied }: Before): StandAloneFault | undefined {
  if ('baseVariable' in action && action.baseVariable !== undefined) {
    return fault('what a list of variables names is not known when the medium is made (S7-025). Name it in the step.')
  }
  return systemApplied ? undefined : fault('software is installed after an operating system was applied (S7-025).')
}

function isSentToSite(action: Action, variables: ReadonlySet<string>): boolean {
  const isNamed = action.type === 'capture-operating-system-image' && action.destination !== ''
  return !isNamed && !variables.has('osdcapturedestination')
}

function affinity(action: Action): StandAloneFault | undefined {
  const sets = mentionsOf(action).flatMap((mention) => (mention.kind === 'sets-variable' ? [mention.variable] : []))
  const name = sets.find((variable) => affinityVariables.has(variable.toLowerCase()))
  return name === undefined ? undefined : fault(`${name} is for the site: ${affinityReason}`)
}

function needsNetwork(what: string): StandAloneFault {
  return { severity: 'warning', message: `it fails where ${what} cannot be reached over the network (S7-026).` }
}

function fault(message: string): StandAloneFault {
  return { severity: 'fault', message }
}
