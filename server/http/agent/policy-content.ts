/**
 * The content of a policy: everything the sequence refers to, always in its newest version (S1-007), with what a step must
 * know of it. Checked before the first step (S1-073): what is missing is named, so that it can be distributed and tried again.
 */

import type { PackageId } from '../../address/identifiers.ts'
import type { PolicyContent } from '../../contract/agent.ts'
import { flattenNodes } from '../../sequence/progress.ts'
import type { TaskSequence } from '../../sequence/task-sequence.ts'
import type { Application } from '../../site/application.ts'
import type { ContentVersion } from '../../site/content.ts'
import type { ReferredKind } from '../../site/content-object.ts'
import { referenceNouns } from '../../sequence/field.ts'
import type { SiteObjects } from '../../store/ports.ts'
import { fittingDriverPackages, type AskingMachine } from '../../targeting/fitting-driver-packages.ts'
import { agentProblem } from './agent-problem.ts'

export interface ContentReference {
  readonly id: PackageId
  readonly kind: ReferredKind
  /** The error belongs to the step that refers to it (S1-036). Absent: none does; somebody wants it besides. */
  readonly stepName?: string
}

type Found = PolicyContent | undefined
type OtherKind = Exclude<ReferredKind, 'application'>

export async function policyContent(
  objects: SiteObjects,
  references: readonly ContentReference[],
): Promise<readonly PolicyContent[]> {
  const firsts = [
    ...new Map(references.toReversed().map((reference) => [reference.id, reference])).values(),
  ].toReversed()
  const applications = firsts.filter(({ kind }) => kind === 'application')
  const others = await Promise.all(
    firsts.flatMap((reference) => {
      const { kind } = reference
      return kind === 'application' ? [] : [requireContent(objects, { ...reference, kind })]
    }),
  )
  return [...others, ...(await applicationContent(objects, applications))]
}

type OtherReference = ContentReference & { readonly kind: OtherKind }

async function requireContent(objects: SiteObjects, reference: OtherReference): Promise<PolicyContent> {
  const content = await finders[reference.kind](objects, reference.id)
  if (content !== undefined) return content
  throw missing(reference, 'has no content. Distribute it and try again.')
}

/** Undefined: it is not there, or has not the content that it cannot be without. */
const finders: Readonly<Record<OtherKind, (objects: SiteObjects, id: PackageId) => Promise<Found>>> = {
  'operating-system-image': async ({ operatingSystemImages }, id) =>
    withFiles('operating-system-image', await operatingSystemImages.get(id)),
  'operating-system-upgrade-package': async ({ operatingSystemUpgradePackages }, id) =>
    withFiles('operating-system-upgrade-package', await operatingSystemUpgradePackages.get(id)),
  'driver-package': async ({ driverPackages }, id) => {
    const found = await driverPackages.get(id)
    const content = withFiles('driver-package', found)
    return found && content && { ...content, driverSystem: found.system }
  },
  package: async ({ packages }, id) => {
    const found = await packages.get(id)
    return found && { ...perhapsWithFiles('package', found), programs: found.programs }
  },
}

/** S2-068: asked for once, when the run starts. A package that a step names by its id as well comes twice, and is one. */
export async function fittingDrivers(
  { driverPackages, driverIndex }: Pick<SiteObjects, 'driverPackages' | 'driverIndex'>,
  sequence: TaskSequence,
  machine: AskingMachine,
): Promise<readonly PolicyContent[]> {
  const isAsked = flattenNodes(sequence).some(
    ({ node, enabled }) => enabled && node.kind === 'step' && node.action.type === 'auto-apply-drivers',
  )
  if (!isAsked) return []
  const packages = await Promise.all(
    (await driverPackages.list()).map(async (driverPackage) => ({
      driverPackage,
      // Of the others the models decide.
      index: driverPackage.models.length === 0 ? await driverIndex(driverPackage.id) : undefined,
    })),
  )
  return fittingDriverPackages(packages, machine).flatMap(({ driverPackage, fit }) => {
    const { id, name, system, categories, content } = driverPackage
    if (content === undefined) return []
    const { version, files } = content
    const ofDrivers = { driverSystem: system, driverFit: fit, driverCategories: categories }
    return [{ id, name, version, files, kind: 'driver-package' as const, ...ofDrivers }]
  })
}

/** S2-030: with everything they depend on. S2-031: an application that one of them replaces may have to be uninstalled. */
async function applicationContent(
  { applications }: SiteObjects,
  references: readonly ContentReference[],
): Promise<readonly PolicyContent[]> {
  const wanted = new Map<PackageId, Application>()
  const waiting = [...references]
  for (let reference = waiting.pop(); reference !== undefined; reference = waiting.pop()) {
    const { id, kind, stepName } = reference
    if (wanted.has(id)) continue
    const application = requireUsable(reference, await applications.get(id))
    wanted.set(id, application)
    const from = stepName === undefined ? {} : { stepName }
    waiting.push(...application.dependencies.map((needed) => ({ id: needed, kind, ...from })))
  }
  const replaced = new Map<PackageId, Application>()
  for (const { supersedes } of wanted.values()) {
    for (const { applicationId: id } of supersedes) {
      const application = wanted.has(id) ? undefined : await applications.get(id)
      if (application !== undefined) replaced.set(id, application)
    }
  }
  return [...wanted.values(), ...replaced.values()].map(applicationEntry)
}

function requireUsable(reference: ContentReference, application: Application | undefined): Application {
  if (application === undefined) throw missing(reference, 'is not there.')
  if (!application.enabled) throw missing(reference, 'is disabled. Enable it and try again.')
  const names = application.content?.files.map(({ name }) => name) ?? []
  const empty = application.deploymentTypes.find(
    ({ contentFolder: folder }) => folder !== undefined && !names.some((name) => name.startsWith(`${folder}/`)),
  )
  if (empty === undefined) return application
  throw missing(reference, `has no content for its deployment type ${empty.name}. Distribute it and try again.`)
}

function applicationEntry(application: Application): PolicyContent {
  const { version, allowInstallFromTaskSequence, deploymentTypes, dependencies, supersedes } = application
  return {
    ...perhapsWithFiles('application', application),
    application: { version, allowInstallFromTaskSequence, deploymentTypes, dependencies, supersedes },
  }
}

interface HasContent {
  readonly id: PackageId
  readonly name: string
  readonly content?: ContentVersion
}

function withFiles(kind: ReferredKind, object: HasContent | undefined): Found {
  return object?.content === undefined ? undefined : perhapsWithFiles(kind, object)
}

function perhapsWithFiles(kind: ReferredKind, { id, name, content }: HasContent): PolicyContent {
  return { id, name, version: content?.version ?? 0, files: content?.files ?? [], kind }
}

function missing({ id, kind, stepName }: ContentReference, what: string) {
  const step = stepName === undefined ? '' : `Step "${stepName}": `
  return agentProblem('not-found', `${step}${referenceNouns[kind]} ${id} ${what}`)
}
