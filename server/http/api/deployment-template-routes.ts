/** `/deployment-templates`: what deployments have in common, saved from one of them or written out (S5-005). */

import { z } from 'zod'
import { type DeploymentTemplate, templateSettings } from '../../site/deployment-template.ts'
import { MakeAvailableTo, Purpose } from '../../site/deployment.ts'
import { objectDescriptionCharactersMax, objectNameCharactersMax } from '../../site/object-limits.ts'
import type { Draft, Store } from '../../store/ports.ts'
import { deploymentOptionFaults } from '../../targeting/deployment-option-faults.ts'
import { Problem } from '../problem.ts'
import { completedOptions, deploymentOptionDraft, deploymentOptionView } from './deployment-option-fields.ts'
import { deploymentId, deploymentTemplateId, label } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import type { ApiRoute } from './route.ts'

/** What a template does not keep. */
const notKept = { softwareInstallationOutsideWindow: true, successAlert: true, timesByClientClock: true } as const

const settingsDraft = z
  .strictObject({
    purpose: z.enum(Object.values(Purpose)),
    makeAvailableTo: z.enum(Object.values(MakeAvailableTo)),
    ...deploymentOptionDraft,
  })
  .omit(notKept)
  .meta({ id: 'DeploymentTemplateSettingsDraft' })

const templateDraft = z
  .strictObject({
    name: label(objectNameCharactersMax).min(1),
    description: label(objectDescriptionCharactersMax).default(''),
    deploymentId: deploymentId.exactOptional().meta({ description: 'Its settings are saved' }),
    settings: settingsDraft.exactOptional().meta({
      description: 'In place of a deployment’s; no collection, no times, and nothing about maintenance windows',
    }),
  })
  .meta({ id: 'DeploymentTemplateDraft' })

const templateView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    settings: z
      .object({
        purpose: z.enum(Object.values(Purpose)),
        makeAvailableTo: z.enum(Object.values(MakeAvailableTo)),
        ...deploymentOptionView,
      })
      .omit(notKept)
      .meta({ id: 'DeploymentTemplateSettings' }),
    revision: z.number().int(),
  })
  .meta({ id: 'DeploymentTemplate' })

export function deploymentTemplateRoutes(store: Store): readonly ApiRoute[] {
  return objectRoutes({
    path: 'deployment-templates',
    noun: 'template of deployments',
    objects: store.deploymentTemplates,
    id: deploymentTemplateId,
    draft: templateDraft,
    view: templateView,
    show: (template: DeploymentTemplate) => template,
    complete: (sent, current) => completeTemplate(store, sent, current),
  })
}

async function completeTemplate(
  { deployments }: Store,
  { name, description, deploymentId: savedFrom, settings }: z.output<typeof templateDraft>,
  current: DeploymentTemplate | undefined,
): Promise<Draft<DeploymentTemplate>> {
  if (settings !== undefined && savedFrom !== undefined)
    throw fault('settings', 'a deployment is named as well; send one of the two')
  if (settings !== undefined) {
    const { purpose, makeAvailableTo, ...options } = settings
    const written = { purpose, makeAvailableTo, ...completedOptions(options) }
    const faults = deploymentOptionFaults(written, {})
    if (faults.length > 0) {
      throw new Problem(422, {
        faults: faults.map(({ path, message }) => ({ path: ['settings', ...path].join('.'), message })),
      })
    }
    return { name, description, settings: templateSettings(written) }
  }
  if (savedFrom === undefined) {
    if (current !== undefined) return { name, description, settings: current.settings }
    throw fault('deploymentId', 'name a deployment whose settings are saved, or send settings')
  }
  const deployment = await deployments.get(savedFrom)
  if (deployment === undefined) throw fault('deploymentId', `there is no deployment ${savedFrom}`)
  return { name, description, settings: templateSettings(deployment) }
}

function fault(path: string, message: string): Problem {
  return new Problem(422, { faults: [{ path, message }] })
}
