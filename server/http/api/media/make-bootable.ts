/** Bootable media (S7-001, S7-006): the boot image and what is needed to ask the site; sequence and content stay there. */

import { z } from 'zod'
import type { DeploymentId, PackageId } from '../../../address/identifiers.ts'
import { serverVariable } from '../../../contract/medium.ts'
import { isForMediaAndPxe } from '../../../site/deployment.ts'
import {
  affinityModes,
  affinityVariable,
  mediumAffinities,
  mediumDeploymentsMax,
  mediumLastsMs,
  mediumServersMax,
} from '../../../site/medium.ts'
import type { SiteVariable } from '../../../site/site-variable.ts'
import type { Store } from '../../../store/ports.ts'
import { preferredDeployment, preferredVariable } from '../../../targeting/preferred-deployment.ts'
import { strongestByName } from '../../../targeting/effective-variables.ts'
import type { Fault } from '../../problem.ts'
import { baseUrl, deploymentId, packageId } from '../fields.ts'
import { commonMediumFields, instantField } from './medium-fields.ts'
import type { MadeMedium, MediumMaking } from './medium-maker.ts'
import { bootImageOf, prestartContent } from './medium-sources.ts'

export const bootableDraft = z.strictObject({
  kind: z.literal('bootable'),
  ...commonMediumFields,
  deploymentId: deploymentId.exactOptional().meta({ description: `What ${preferredVariable} names (S6-040)` }),
  bootImageId: packageId.exactOptional().meta({ description: "Absent: that of the deployment's task sequence" }),
  unattended: z.boolean().default(false),
  expiresAtMs: instantField.exactOptional().meta({ description: 'Absent: a year from now' }),
  serverSelection: z.enum(['dynamic', 'site-based']).exactOptional(),
  servers: z
    .array(baseUrl)
    .min(1)
    .max(mediumServersMax)
    .exactOptional()
    .meta({ description: 'Absent: this server, as you reach it' }),
  unknownComputers: z.boolean().default(true),
  userDeviceAffinity: z.enum(mediumAffinities).default('not-allowed'),
  deployments: z
    .array(deploymentId)
    .min(1)
    .max(mediumDeploymentsMax)
    .exactOptional()
    .meta({ description: 'The only ones that may start from it' }),
})
type BootableDraft = z.output<typeof bootableDraft>

export async function makeBootable(making: MediumMaking, draft: BootableDraft): Promise<MadeMedium> {
  const { store } = making.dependencies
  const preferred = preferredOf(draft)
  const named = [...new Set([...(preferred.id === undefined ? [] : [preferred.id]), ...(draft.deployments ?? [])])]
  const deployment = preferred.id === undefined ? undefined : await store.deployments.get(preferred.id)
  const sequence = deployment && (await store.taskSequences.get(deployment.taskSequenceId))
  const bootImage = await bootImageOf(store, draft.bootImageId ?? sequence?.bootImageId)
  const servers = serversOf(making, draft)
  const prestart = await prestartContent(store, draft.prestart)
  const faults: Fault[] = [
    ...preferred.faults,
    ...faultsOfServerVariables(draft),
    ...whyNotUnattended(draft, preferred.id),
    ...(await faultsOfDeployments(store, named, draft)),
    ...(deployment !== undefined && sequence?.bootImageId === undefined
      ? [
          {
            path: 'deploymentId',
            message: `${deployment.id}: its task sequence has no boot image, so nothing starts it from media. Give it one.`,
          },
        ]
      : []),
    ...bootImage.faults,
    ...servers.faults,
    ...prestart.faults,
  ]
  if (faults.length > 0 || bootImage.found === undefined) return { kind: 'faults', faults }
  const { serverSelection, list } = servers
  const deployments = draft.deployments ?? onlyPreferred(draft, preferred.id)
  return {
    kind: 'made',
    parts: {
      bootImage: bootImage.found,
      contents: prestart.contents,
      unattended: draft.unattended,
      asksSite: true,
      serverSelection,
      servers: list,
      variables: variablesOf(draft, preferred.id, { serverSelection, servers: list }),
      ...(preferred.id === undefined ? {} : { deploymentId: preferred.id }),
      ...(deployments === undefined ? {} : { deployments }),
      unknownComputers: draft.unknownComputers,
      userDeviceAffinity: draft.userDeviceAffinity,
      expiresAtMs: draft.expiresAtMs ?? making.nowMs + mediumLastsMs,
    },
  }
}

/** Unattended it can start but one, unless its prestart command finds out which. */
function onlyPreferred(
  { unattended, prestart }: BootableDraft,
  id: DeploymentId | undefined,
): readonly DeploymentId[] | undefined {
  return unattended && prestart === undefined && id !== undefined ? [id] : undefined
}

/** The field and the variable say the same thing; who says both must not say two. */
function preferredOf(draft: BootableDraft): { readonly id?: DeploymentId; readonly faults: readonly Fault[] } {
  const index = draft.variables.findIndex(({ name }) => name.toLowerCase() === preferredVariable.toLowerCase())
  const path = `variables[${index}].value`
  const preferred = preferredDeployment(draft.variables)
  if (preferred.kind === 'invalid') return { faults: [{ path, message: preferred.logText }] }
  const ofVariable = preferred.kind === 'deployment' ? preferred.id : undefined
  if (ofVariable !== undefined && draft.deploymentId !== undefined && ofVariable !== draft.deploymentId) {
    const message = `names ${ofVariable}, and deploymentId is ${draft.deploymentId}: leave one of them out`
    return { faults: [{ path, message }] }
  }
  const id = draft.deploymentId ?? ofVariable
  return { ...(id === undefined ? {} : { id }), faults: [] }
}

/** S7-012: they follow from `servers`, which the agent goes by. */
function faultsOfServerVariables({ variables }: BootableDraft): readonly Fault[] {
  return variables.flatMap(({ name }, index) =>
    /^(?:SMSTSMP|SMSTSLocationMPs)$/i.test(name)
      ? [{ path: `variables[${index}].name`, message: `${name} follows from servers: say it there` }]
      : [],
  )
}

/** S6-045, A7-02. */
function whyNotUnattended({ unattended, prestart }: BootableDraft, id: DeploymentId | undefined): readonly Fault[] {
  if (!unattended || id !== undefined || prestart !== undefined) return []
  const message = `an unattended medium must know what to run: give a deployment, the variable ${preferredVariable}, or a prestart command that sets it`
  return [{ path: 'unattended', message }]
}

async function faultsOfDeployments(
  store: Store,
  ids: readonly DeploymentId[],
  draft: BootableDraft,
): Promise<readonly Fault[]> {
  const faults = await Promise.all(
    ids.map(async (id): Promise<readonly Fault[]> => {
      const path = draft.deployments?.includes(id) === true ? 'deployments' : 'deploymentId'
      const deployment = await store.deployments.get(id)
      if (deployment === undefined) return [{ path, message: `there is no deployment ${id}` }]
      // S7-042.
      if (isForMediaAndPxe(deployment.makeAvailableTo)) return []
      return [
        {
          path,
          message: `deployment ${id} is made available to clients only. Make it available to media and PXE`,
        },
      ]
    }),
  )
  return faults.flat()
}

interface Servers {
  readonly serverSelection: 'dynamic' | 'site-based'
  readonly list: readonly string[]
  readonly faults: readonly Fault[]
}

/** S7-011, S7-012. */
function serversOf({ siteUrls }: MediumMaking, draft: BootableDraft): Servers {
  const list = [...new Set(draft.servers ?? siteUrls)]
  const serverSelection = draft.serverSelection ?? (list.length > 1 ? 'dynamic' : 'site-based')
  if (list.length === 0) {
    const message =
      'is needed: nobody but this machine reaches the server where you do. Give the address that machines use (--site-server of the command line)'
    return { serverSelection, list, faults: [{ path: 'servers', message }] }
  }
  if (serverSelection === 'dynamic' || list.length === 1) return { serverSelection, list, faults: [] }
  const message = 'site-based media have exactly one server; dynamic ones have a list'
  return { serverSelection, list, faults: [{ path: 'servers', message }] }
}

/** What somebody wrote is stronger than what follows from the other fields. */
function variablesOf(
  draft: BootableDraft,
  preferred: PackageId | DeploymentId | undefined,
  servers: Parameters<typeof serverVariable>[0],
): readonly SiteVariable[] {
  const named = preferred === undefined ? [] : [{ name: preferredVariable, value: preferred, secret: false }]
  const affinity = { name: affinityVariable, value: affinityModes[draft.userDeviceAffinity], secret: false }
  return strongestByName<SiteVariable>([[affinity], draft.variables, named, [serverVariable(servers)]])
}
