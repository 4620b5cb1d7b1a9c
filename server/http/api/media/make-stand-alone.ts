/**
 * Stand-alone media (S7-002, S7-023 to S7-029, S7-038, S7-042): a task sequence with everything it needs, for machines that reach
 * no site. All that stands in the way is said at once and by name. The variables are those of the medium alone (S1-067): nobody
 * knows which device it will be.
 */

import { z } from 'zod'
import type { PackageId } from '../../../address/identifiers.ts'
import type { PolicyContent } from '../../../contract/agent.ts'
import { findReferences, holdsSecrets, mapSequenceSecrets } from '../../../sequence/mentions.ts'
import { findStandAloneFaults, stepsFromMedia } from '../../../sequence/stand-alone-faults.ts'
import type { TaskSequence } from '../../../sequence/task-sequence.ts'
import type { TaskSequenceObject } from '../../../sequence/task-sequence-object.ts'
import { isForMediaAndPxe } from '../../../site/deployment.ts'
import { type ContentReference, policyContent } from '../../agent/policy-content.ts'
import { bootImages, eachOnce, sequencePolicy } from '../../agent/sequence-policy.ts'
import { expandStored } from '../../child-sequences.ts'
import { type Fault, Problem } from '../../problem.ts'
import { deploymentId, packageId } from '../fields.ts'
import { commonMediumFields, instantField } from './medium-fields.ts'
import type { MadeMedium, MediumMaking } from './medium-maker.ts'
import { absentFiles, faultsOfStart, partsWithoutSite } from './medium-policy.ts'
import { bootImageOf, type FoundBootImage } from './medium-sources.ts'

/** More would not fit on a medium. */
const chosenMax = 1_000
const chosen = (about: string) => z.array(packageId).max(chosenMax).default([]).meta({ description: about })

export const standAloneDraft = z.strictObject({
  kind: z.literal('stand-alone'),
  ...commonMediumFields,
  taskSequenceId: packageId,
  deploymentId: deploymentId
    .exactOptional()
    .meta({ description: 'A deployment of it, which has to be available to media (S7-042)' }),
  unattended: z.boolean().default(false).meta({ description: 'Nothing is asked but the password' }),
  expiresAtMs: instantField.exactOptional().meta({ description: 'Absent: never' }),
  applications: chosen('Besides those of its steps'),
  packages: chosen('Besides those of its steps'),
  driverPackages: chosen('Besides those of its steps'),
  detectDependencies: z
    .boolean()
    .default(true)
    .meta({ description: 'What applications depend on goes onto the medium, too (S7-024)' }),
})
type StandAloneDraft = z.output<typeof standAloneDraft>

export async function makeStandAlone({ dependencies }: MediumMaking, draft: StandAloneDraft): Promise<MadeMedium> {
  const { store, site } = dependencies
  const object = await store.taskSequences.get(draft.taskSequenceId)
  if (object === undefined) return { kind: 'faults', faults: at(['there is no such task sequence']) }
  const expanded = await expandStored(store, object)
  if (expanded.kind === 'refused') return { kind: 'faults', faults: at(expanded.faults.map(({ message }) => message)) }
  const sequence = withoutIdleSecrets(expanded.sequence)
  const found = findStandAloneFaults(sequence, {
    ...(object.bootImageId === undefined ? {} : { bootImageId: object.bootImageId }),
    variables: draft.variables.flatMap(({ name, value }) => (value === '' ? [] : [name])),
  })
  const references = referencesOf(sequence, draft)
  const content = await gatherContent(dependencies, { object, sequence, references })
  const image = object.bootImageId === undefined ? noImage : await bootImageOf(store, object.bootImageId)
  const faults = [
    ...at(object.enabled ? [] : [`"${sequence.name}" is disabled.`]),
    ...(await deploymentFaults(dependencies, draft)),
    ...at(found.flatMap(({ severity, message }) => (severity === 'fault' ? [message] : []))),
    ...image.faults,
    ...faultsOfStart(image, 'taskSequenceId'),
    ...at(content.faults),
    ...at(draft.detectDependencies ? [] : leftOutDependencies(content.contents, references)),
    ...at(await absentFiles(dependencies, content.contents)),
    ...passwordFaults(sequence, draft),
  ]
  if (faults.length > 0 || image.found === undefined) return { kind: 'faults', faults }
  const parts = partsWithoutSite({
    bootImage: image.found,
    policy: { ...(await sequencePolicy(site, object)), sequence },
    variables: draft.variables,
    content: content.contents,
    unattended: draft.unattended,
    ...(draft.expiresAtMs === undefined ? {} : { expiresAtMs: draft.expiresAtMs }),
  })
  return {
    kind: 'made',
    parts: {
      ...parts,
      warnings: found.map(({ message }) => message),
      ...(draft.deploymentId === undefined ? {} : { deploymentId: draft.deploymentId }),
    },
  }
}

const noImage: FoundBootImage = { faults: [] }

function at(messages: readonly string[]): readonly Fault[] {
  return messages.map((message) => ({ path: 'taskSequenceId', message }))
}

/** What no step needs that could run from the medium does not go onto it. */
function withoutIdleSecrets(sequence: TaskSequence): TaskSequence {
  const steps = new Set(stepsFromMedia(sequence).map(({ step }) => step))
  return mapSequenceSecrets(sequence, (secret, step) => (steps.has(step) ? secret : ''))
}

/** S7-042. */
async function deploymentFaults(
  { store }: MediumMaking['dependencies'],
  { deploymentId: id, taskSequenceId }: StandAloneDraft,
): Promise<readonly Fault[]> {
  if (id === undefined) return []
  const path = 'deploymentId'
  const deployment = await store.deployments.get(id)
  if (deployment === undefined) return [{ path, message: `there is no deployment ${id}` }]
  if (deployment.taskSequenceId !== taskSequenceId) {
    return [{ path, message: `deployment ${id} is one of ${deployment.taskSequenceId}, and not of ${taskSequenceId}` }]
  }
  if (isForMediaAndPxe(deployment.makeAvailableTo)) return []
  return [{ path, message: `deployment ${id} is made available to clients only. Make it available to media and PXE` }]
}

/** Of the steps that could run, and of what was chosen besides. */
function referencesOf(sequence: TaskSequence, draft: StandAloneDraft): readonly ContentReference[] {
  const paths = new Set(stepsFromMedia(sequence).map(({ path }) => path.join('.')))
  const ofSteps = findReferences(sequence).flatMap(({ id, kind, path, stepName }) => {
    const isContent = kind !== 'boot-image' && kind !== 'task-sequence'
    return isContent && paths.has(path.join('.')) ? [{ id, kind, stepName }] : []
  })
  const asKind = (ids: readonly PackageId[], kind: ContentReference['kind']) => ids.map((id) => ({ id, kind }))
  const wanted = draft.prestart?.packageId
  return [
    ...ofSteps,
    ...asKind(draft.applications, 'application'),
    ...asKind(draft.packages, 'package'),
    ...asKind(draft.driverPackages, 'driver-package'),
    ...asKind(wanted === undefined ? [] : [wanted], 'package'),
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
  { store }: MediumMaking['dependencies'],
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

/** S7-040: whoever finds the medium reads what is not sealed. Secret variables are judged for media of all kinds. */
function passwordFaults(
  sequence: TaskSequence,
  { password, generatePassword }: Pick<StandAloneDraft, 'password' | 'generatePassword'>,
): readonly Fault[] {
  const isSealed = typeof password === 'string' || generatePassword === true
  if (isSealed || !holdsSecrets(sequence)) return []
  const message = `steps of "${sequence.name}" hold secrets, such as passwords: give the medium a password`
  return [{ path: 'password', message }]
}
