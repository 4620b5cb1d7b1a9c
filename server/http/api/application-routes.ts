/** `/applications` with their deployment types; files are in content-tree-routes.ts, one folder for each type that has some. */

import { z } from 'zod'
import {
  type Application,
  deploymentTypesMax,
  detectionPathCharactersMax,
  findApplicationFaults,
  requiredMemoryMegabytesMax,
} from '../../site/application.ts'
import type { Store } from '../../store/ports.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { type Fault, Problem } from '../problem.ts'
import { contentSummaryView, contentTreeRoutes, summarize } from './content-tree-routes.ts'
import { label, packageId } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import {
  addFaults,
  architecture,
  commandLine,
  objectDescription,
  objectName,
  runTimeMinutes,
  shortList,
  shortText,
  successCodes,
  systemFamily,
} from './program-fields.ts'
import type { ApiRoute } from './route.ts'

const detection = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('path-exists'),
      path: label(detectionPathCharactersMax).min(1),
      type: z.enum(['file', 'folder']),
    }),
    z.strictObject({
      kind: z.literal('package-installed'),
      packageName: shortText.min(1),
      minimumVersion: shortText.min(1).exactOptional(),
    }),
    z.strictObject({ kind: z.literal('command'), commandLine: commandLine.min(1) }),
  ])
  .meta({ id: 'Detection', outputId: 'DetectionView' })

const requirement = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('architecture'), anyOf: shortList(architecture).min(1) }),
    z.strictObject({
      kind: z.literal('minimum-memory'),
      megabytes: z.number().int().min(1).max(requiredMemoryMegabytesMax),
    }),
    z.strictObject({ kind: z.literal('system'), anyOf: shortList(systemFamily).min(1) }),
  ])
  .meta({ id: 'Requirement', outputId: 'RequirementView' })

const deploymentType = z
  .strictObject({
    kind: z.literal('script').default('script'),
    name: objectName,
    contentFolder: label(255).min(1).exactOptional(),
    installCommandLine: commandLine.min(1),
    uninstallCommandLine: commandLine.default(''),
    maxRunTimeMinutes: runTimeMinutes,
    successCodes,
    detection,
    requirements: shortList(requirement).default([]),
  })
  .meta({ id: 'DeploymentType', outputId: 'DeploymentTypeView' })

export const applicationDraft = z
  .strictObject({
    name: objectName,
    description: objectDescription,
    publisher: shortText.default(''),
    version: shortText.default(''),
    enabled: z.boolean().default(true),
    allowInstallFromTaskSequence: z.boolean().default(false).meta({
      description:
        'Allow this application to be installed from the Install Application task sequence action without being deployed (for dynamic lists)',
    }),
    deploymentTypes: z
      .array(deploymentType)
      .max(deploymentTypesMax)
      .default([])
      .meta({ description: 'In the order of their priority' }),
    dependencies: shortList(packageId).default([]).meta({ description: 'Applications that are installed before it' }),
    supersedes: shortList(z.strictObject({ applicationId: packageId, uninstall: z.boolean().default(false) })).default(
      [],
    ),
  })
  .superRefine((draft, context) => addFaults(findApplicationFaults(draft), context))
  .meta({ id: 'ApplicationDraft' })

const applicationView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    publisher: z.string(),
    version: z.string(),
    enabled: z.boolean(),
    allowInstallFromTaskSequence: z.boolean(),
    deploymentTypes: z.array(deploymentType),
    dependencies: z.array(z.string()),
    supersedes: z.array(z.object({ applicationId: z.string(), uninstall: z.boolean() })),
    content: contentSummaryView.optional(),
    revision: z.number().int(),
  })
  .meta({ id: 'Application' })

export function applicationRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const { applications } = dependencies.store
  return [
    ...objectRoutes({
      path: 'applications',
      noun: 'application',
      objects: applications,
      id: packageId,
      draft: applicationDraft,
      view: applicationView,
      show: (object: Application) => summarize(object),
      complete: async (sent) => {
        const faults = await missingApplications(applications, sent)
        if (faults.length > 0) throw new Problem(422, { faults })
        return sent
      },
    }),
    ...contentTreeRoutes(dependencies, {
      path: 'applications',
      noun: 'application',
      objects: applications,
      folders: ({ deploymentTypes }: Application) => deploymentTypes.flatMap((type) => type.contentFolder ?? []),
    }),
  ]
}

/** The store refuses them as well; here each is named with its place. */
async function missingApplications(
  applications: Store['applications'],
  { dependencies, supersedes }: Pick<Application, 'dependencies' | 'supersedes'>,
): Promise<readonly Fault[]> {
  const wanted = [
    ...dependencies.map((id, index) => ({ id, path: `dependencies[${index}]` })),
    ...supersedes.map(({ applicationId: id }, index) => ({ id, path: `supersedes[${index}].applicationId` })),
  ]
  if (wanted.length === 0) return []
  const known = new Set((await applications.list()).map(({ id }) => id))
  return wanted
    .filter(({ id }) => !known.has(id))
    .map(({ id, path }) => ({ path, message: `there is no application ${id}` }))
}
