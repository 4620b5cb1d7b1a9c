/**
 * Stand-alone media (S7-002, S7-023 to S7-029, S7-038, S7-042): a task sequence with everything it needs, for machines that reach
 * no site. All that stands in the way is said at once and by name. The variables are those of the medium alone (S1-067): nobody
 * knows which device it will be.
 */

import type { DeploymentId, PackageId } from '../../../address/identifiers.ts'
import type { PolicyContent, PolicyVariable } from '../../../contract/agent.ts'
import type { SealedContents } from '../../../contract/medium.ts'
import { findReferences, holdsSecrets, mapSequenceSecrets } from '../../../sequence/mentions.ts'
import { findStandAloneFaults, stepsFromMedia } from '../../../sequence/stand-alone-faults.ts'
import type { TaskSequence } from '../../../sequence/task-sequence.ts'
import type { TaskSequenceObject } from '../../../sequence/task-sequence-object.ts'
import { isForMediaAndPxe } from '../../../site/deployment.ts'
import { bootImages, eachOnce, sequencePolicy } from '../../agent/sequence-policy.ts'
import { type ContentReference, policyContent } from '../../agent/policy-content.ts'
import { expandStored } from '../../child-sequences.ts'
import { Problem } from '../../problem.ts'
import { absentFiles, type MadeMedium, madeMedium, type MediumDependencies, startableImage } from './medium-policy.ts'

export interface StandAloneDraft {
  readonly taskSequenceId: PackageId
  /** The deployment that says it may be started from media; absent: nobody asks. */
  readonly deploymentId?: DeploymentId
  readonly variables: readonly PolicyVariable[]
  readonly prestart?: SealedContents['prestart']
  /** Besides what the steps name. */
  readonly applications: readonly PackageId[]
  readonly packages: readonly PackageId[]
  readonly driverPackages: readonly PackageId[]
  /** "Detect associated application dependencies and add them to this media" (S7-024). */
  readonly detectDependencies: boolean
  readonly hasPassword: boolean
}

export async function makeStandAlone(dependencies: MediumDependencies, draft: StandAloneDraft): Promise<MadeMedium> {
  const { store, site } = dependencies
  const object = await store.taskSequences.get(draft.taskSequenceId)
  if (object === undefined) return refused(`The task sequence ${draft.taskSequenceId} is not there.`)
  const expanded = await expandStored(store, object)
  if (expanded.kind === 'refused') return { kind: 'refused', faults: expanded.faults.map(({ message }) => message) }
  const sequence = withoutIdleSecrets(expanded.sequence)
  const found = findStandAloneFaults(sequence, {
    ...(object.bootImageId === undefined ? {} : { bootImageId: object.bootImageId }),
    variables: draft.variables.flatMap(({ name, value }) => (value === '' ? [] : [name])),
  })
  const references = referencesOf(sequence, draft)
  const content = await gatherContent(dependencies, { object, sequence, references })
  const image = await bootImageOf(dependencies, object)
  const faults = [
    ...(object.enabled ? [] : [`The task sequence "${sequence.name}" is disabled.`]),
    ...(await deploymentFaults(dependencies, draft)),
    ...found.flatMap(({ severity, message }) => (severity === 'fault' ? [message] : [])),
    ...(typeof image === 'string' ? [image] : []),
    ...content.faults,
    ...(draft.detectDependencies ? [] : leftOutDependencies(content.contents, references)),
    ...(await absentFiles(dependencies, content.contents)),
    ...passwordFaults(sequence, draft),
  ]
  if (faults.length > 0 || image === undefined || typeof image === 'string') return { kind: 'refused', faults }
  return madeMedium({
    kind: 'stand-alone',
    bootImage: image,
    policy: { ...(await sequencePolicy(site, object)), sequence },
    variables: draft.variables,
    content: content.contents,
    ...(draft.prestart === undefined ? {} : { prestart: draft.prestart }),
    warnings: found.flatMap(({ severity, message }) => (severity === 'warning' ? [message] : [])),
  })
}

/** What no step needs that could run from the medium does not go onto it. */
function withoutIdleSecrets(sequence: TaskSequence): TaskSequence {
  const steps = new Set(stepsFromMedia(sequence).map(({ step }) => step))
  return mapSequenceSecrets(sequence, (secret, step) => (steps.has(step) ? secret : ''))
}

async function bootImageOf({ store }: MediumDependencies, { bootImageId }: TaskSequenceObject) {
  return bootImageId === undefined ? undefined : startableImage(bootImageId, await store.bootImages.get(bootImageId))
}

/** S7-042. */
async function deploymentFaults(
  { store }: MediumDependencies,
  { deploymentId, taskSequenceId }: StandAloneDraft,
): Promise<readonly string[]> {
  if (deploymentId === undefined) return []
  const deployment = await store.deployments.get(deploymentId)
  if (deployment === undefined) return [`The deployment ${deploymentId} is not there.`]
  if (deployment.taskSequenceId !== taskSequenceId) {
    return [`The deployment ${deploymentId} is one of ${deployment.taskSequenceId}, and not of ${taskSequenceId}.`]
  }
  if (isForMediaAndPxe(deployment.makeAvailableTo)) return []
  return [`The deployment ${deploymentId} is available to clients only: make it available to media and PXE (S7-042).`]
}

/** Of the steps that could run, and of what was chosen besides. */
function referencesOf(sequence: TaskSequence, draft: StandAloneDraft): readonly ContentReference[] {
  const paths = new Set(stepsFromMedia(sequence).map(({ path }) => path.join('.')))
  const ofSteps = findReferences(sequence).flatMap(({ id, kind, path, stepName }) => {
    const isContent = kind !== 'boot-image' && kind !== 'task-sequence'
    return isContent && paths.has(path.join('.')) ? [{ id, kind, stepName }] : []
  })
  const chosen = (ids: readonly PackageId[], kind: ContentReference['kind']) => ids.map((id) => ({ id, kind }))
  const { prestart } = draft
  return [
    ...ofSteps,
    ...chosen(draft.applications, 'application'),
    ...chosen(draft.packages, 'package'),
    ...chosen(draft.driverPackages, 'driver-package'),
    ...chosen(prestart?.contentId === undefined ? [] : [prestart.contentId], 'package'),
  ]
}

interface Gathered {
  readonly contents: readonly PolicyContent[]
  readonly faults: readonly string[]
}

interface Wanted {
  readonly object: TaskSequenceObject
  readonly sequence: TaskSequence
  readonly references: readonly ContentReference[]
}

/** One after the other, so that everything that is missing is named and not the first of it. */
async function gatherContent(
  { store }: MediumDependencies,
  { object, sequence, references }: Wanted,
): Promise<Gathered> {
  const contents: PolicyContent[] = []
  const faults = new Set<string>()
  for (const reference of references) {
    try {
      contents.push(...(await policyContent(store, [reference])))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      faults.add(error.message)
    }
  }
  contents.push(...(await bootImages(store, object, sequence)))
  return { contents: eachOnce(contents), faults: [...faults] }
}

/** S7-025: what an application depends on is not looked for on its own, unless somebody wants that (S7-024). */
function leftOutDependencies(
  contents: readonly PolicyContent[],
  references: readonly ContentReference[],
): readonly string[] {
  const chosen = new Set(references.map(({ id }) => id))
  const names = new Map(contents.map(({ id, name }) => [id, name]))
  return contents.flatMap(({ id: needing, name, application }) =>
    (chosen.has(needing) ? (application?.dependencies ?? []) : []).flatMap((id) =>
      chosen.has(id)
        ? []
        : [
            `The application "${name}" depends on "${names.get(id) ?? id}" (${id}): add it, or have dependencies detected.`,
          ],
    ),
  )
}

/** S7-040: whoever finds the medium reads what is not sealed. */
function passwordFaults(sequence: TaskSequence, { hasPassword, variables }: StandAloneDraft): readonly string[] {
  if (hasPassword) return []
  const secrets = variables.flatMap(({ name, value, secret }) => (secret && value !== '' ? [name] : []))
  return [
    ...secrets.map((name) => `The variable ${name} is secret: a medium that holds it needs a password (S7-040).`),
    ...(holdsSecrets(sequence)
      ? [`Steps of "${sequence.name}" hold secrets, such as passwords: a medium with them needs a password (S7-040).`]
      : []),
  ]
}

function refused(fault: string): MadeMedium {
  return { kind: 'refused', faults: [fault] }
}
