/**
 * `/devices/{id}/client-preview`: what the client of a device would start by itself now, what somebody at the machine could start,
 * and why not the rest; by the same selection as the client's own door.
 */

import { z } from 'zod'
import type { DeploymentId } from '../../address/identifiers.ts'
import type { Device } from '../../site/device.ts'
import { earlyStartOf, findMachine, type Machine } from '../agent/machine-standing.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { notFound } from '../problem.ts'
import { deviceId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const started = z.object({ deploymentId: z.string(), taskSequenceName: z.string() })

const offered = started.extend({
  waits: z.string().optional().meta({ description: 'Of a required one: why it does not start by itself now' }),
  startsAtMs: z.number().optional().meta({ description: 'When it starts by itself, where the clock alone decides' }),
})

const previewView = z
  .object({
    starts: started.optional().meta({ description: 'By itself' }),
    offers: z.array(offered).meta({ description: 'When somebody at the machine says so' }),
    reason: z.string().optional().meta({ description: 'Why nothing starts' }),
    approvalBecause: z
      .string()
      .optional()
      .meta({ description: 'Why an administrator has to approve the client first' }),
    rejected: z.array(z.object({ deploymentId: z.string(), reason: z.string() })),
  })
  .meta({ id: 'ClientPreview' })

export function clientPreviewRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/devices/{id}/client-preview',
      summary: 'What would the client of this device start, and why not the rest?',
      params: z.object({ id: deviceId }),
      answers: { 200: previewView },
      answer: async ({ params }) => {
        const device = await dependencies.store.devices.get(params.id)
        if (device === undefined) throw notFound(`device ${params.id}`)
        const ipAddress = device.inventory?.ipAddress
        const where = { startedFrom: 'installed-system', ...(ipAddress === undefined ? {} : { ipAddress }) } as const
        const asked = { hardware: hardwareOf(device), ...where }
        const { selection, approvalBecause, refused } = await findMachine(dependencies, asked)
        const start = selection.kind === 'start' ? selection.candidate : undefined
        const offers = selection.kind === 'choose' ? selection.candidates : []
        const reason = refused ?? (selection.kind === 'nothing' ? selection.logText : undefined)
        const body: z.output<typeof previewView> = {
          ...(start === undefined ? {} : { starts: show(start) }),
          offers: offers.map((offer) => ({ ...show(offer), ...waitOf(selection, offer.deployment.id) })),
          ...(reason === undefined ? {} : { reason }),
          ...(approvalBecause === undefined ? {} : { approvalBecause }),
          rejected: [...selection.rejected],
        }
        return { status: 200, body }
      },
    }),
  ]
}

function show(candidate: { readonly deployment: { readonly id: string }; readonly taskSequenceName: string }) {
  return { deploymentId: candidate.deployment.id, taskSequenceName: candidate.taskSequenceName }
}

function waitOf(selection: Machine['selection'], id: DeploymentId) {
  const early = earlyStartOf(selection, id)
  if (early === undefined) return {}
  return { waits: early.reason, ...(early.atMs === undefined ? {} : { startsAtMs: early.atMs }) }
}

/** As its record names it, with what its client told last of its system, its clock and its connection. */
function hardwareOf({ macAddresses, smbiosGuid, inventory }: Device) {
  const { operatingSystem, utcOffsetMinutes, meteredConnection } = inventory ?? {}
  return {
    architecture: inventory?.architecture ?? 'x64',
    firmware: inventory?.firmware ?? 'uefi',
    secureBoot: false,
    macAddresses,
    ...(smbiosGuid === undefined ? {} : { smbiosGuid }),
    ...(operatingSystem === undefined ? {} : { operatingSystem }),
    ...(utcOffsetMinutes === undefined ? {} : { utcOffsetMinutes }),
    ...(meteredConnection === undefined ? {} : { meteredConnection }),
    memoryBytes: 0,
    disks: [],
  } as const
}
