/** `/packages` and their programs; files are in content-tree-routes.ts. */

import { z } from 'zod'
import { programDirectoryCharactersMax } from '../../site/object-limits.ts'
import { findProgramFaults, type Package, programNameCharactersMax, programsMax } from '../../site/package.ts'
import type { HttpDependencies } from '../dependencies.ts'
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

const program = z
  .strictObject({
    name: label(programNameCharactersMax).min(1),
    description: objectDescription,
    commandLine: commandLine.min(1),
    workingDirectory: label(programDirectoryCharactersMax).default(''),
    runMode: z.literal('local-system').default('local-system'),
    maxRunTimeMinutes: runTimeMinutes,
    allowedPlatforms: shortList(
      z.strictObject({ system: systemFamily, architecture: architecture.exactOptional() }),
    ).default([]),
    runFirst: z
      .strictObject({ packageId, programName: label(programNameCharactersMax).min(1) })
      .meta({ description: 'Run another program first' })
      .exactOptional(),
    allowInstallFromTaskSequence: z.boolean().default(false).meta({
      description:
        'Allow this program to be installed from the Install Package task sequence without being deployed (for dynamic lists)',
    }),
    afterRunning: z
      .enum(['no-restart', 'restart-by-exit-code'])
      .default('restart-by-exit-code')
      .meta({ description: 'restart-by-exit-code: 3010 is success and asks for a restart' }),
    successCodes,
  })
  .meta({ id: 'Program', outputId: 'ProgramView' })

export const packageDraft = z
  .strictObject({
    name: objectName,
    description: objectDescription,
    manufacturer: shortText.default(''),
    language: shortText.default(''),
    version: shortText.default(''),
    programs: z.array(program).max(programsMax).default([]),
  })
  .superRefine(({ programs }, context) => addFaults(findProgramFaults(programs), context))
  .meta({ id: 'PackageDraft' })

const packageView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    manufacturer: z.string(),
    language: z.string(),
    version: z.string(),
    programs: z.array(program),
    content: contentSummaryView.optional(),
    revision: z.number().int(),
  })
  .meta({ id: 'Package' })

export function packageRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const { packages } = dependencies.store
  return [
    ...objectRoutes({
      path: 'packages',
      noun: 'package',
      objects: packages,
      id: packageId,
      draft: packageDraft,
      view: packageView,
      show: (object: Package) => summarize(object),
      complete: async (sent) => sent,
    }),
    ...contentTreeRoutes(dependencies, { path: 'packages', noun: 'package', objects: packages }),
  ]
}
