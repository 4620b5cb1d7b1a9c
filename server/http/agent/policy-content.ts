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
import type { SiteObjects } from '../../store/ports.ts'
import { fittingDriverPackages, type AskingMachine } from '../../targeting/fitting-driver-packages.ts'
import { referredObjects } from '../referred-objects.ts'
import { agentProblem } from './agent-problem.ts'

export interface ContentReference {
  readonly id: PackageId
  readonly kind: ReferredKind
}

type Found = PolicyContent | undefined
type OtherKind = Exclude<ReferredKind, 'application'>

export async function policyContent(
  objects: SiteObjects,
  references: readonly ContentReference[],
): Promise<readonly PolicyContent[]> {
  const kinds = new Map(references.map(({ id, kind }) => [id, kind]))
  const applications = [...kinds].filter(([, kind]) => kind === 'application').map(([id]) => id)
  const others = await Promise.all(
    [...kinds].flatMap(([id, kind]) => (kind === 'application' ? [] : [requireContent(objects, kind, id)])),
  )
  return [...others, ...(await applicationContent(objects, applications))]
}

async function requireContent(objects: SiteObjects, kind: OtherKind, id: PackageId): Promise<PolicyContent> {
  const content = await finders[kind](objects, id)
  if (content !== undefined) return content
  throw missing(kind, id, 'has no content. Distribute it and try again.')
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
  ids: readonly PackageId[],
): Promise<readonly PolicyContent[]> {
  const wanted = new Map<PackageId, Application>()
  const waiting = [...ids]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (wanted.has(id)) continue
    const application = requireUsable(id, await applications.get(id))
    wanted.set(id, application)
    waiting.push(...application.dependencies)
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

function requireUsable(id: PackageId, application: Application | undefined): Application {
  if (application === undefined) throw missing('application', id, 'is not there.')
  if (!application.enabled) throw missing('application', id, 'is disabled. Enable it and try again.')
  const names = application.content?.files.map(({ name }) => name) ?? []
  const empty = application.deploymentTypes.find(
    ({ contentFolder: folder }) => folder !== undefined && !names.some((name) => name.startsWith(`${folder}/`)),
  )
  if (empty === undefined) return application
  throw missing('application', id, `has no content for its deployment type ${empty.name}. Distribute it and try again.`)
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

function missing(kind: ReferredKind, id: PackageId, what: string) {
  const { noun } = referredObjects[kind]
  return agentProblem('not-found', `${noun.charAt(0).toUpperCase()}${noun.slice(1)} ${id} ${what}`)
}
