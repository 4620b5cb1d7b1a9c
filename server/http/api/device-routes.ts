/** `/devices`: the computers the site knows, their variables, and the marks of required deployments (S6-025 to S6-029). */

import { z } from 'zod'
import { deviceNameCharactersMax, deviceVariablesMax, type Device } from '../../site/device.ts'
import type { Store } from '../../store/ports.ts'
import { editedValue, objectAnswer } from './edit-answer.ts'
import { deploymentId, deviceId, label, macAddress, siteVariables, siteVariableView, smbiosGuid } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { keepMaskedValues, maskSecrets } from './secret-values.ts'

const deviceDraft = z
  .strictObject({
    name: label(deviceNameCharactersMax).min(1),
    macAddresses: z.array(macAddress).max(64).default([]),
    smbiosGuid: smbiosGuid.exactOptional(),
    serialNumber: label(255).exactOptional(),
    variables: siteVariables(deviceVariablesMax),
  })
  .meta({ id: 'DeviceDraft' })

const inventoryView = z.object({
  architecture: z.string(),
  firmware: z.string(),
  secureBoot: z.boolean(),
  secureBootAuthorities: z.array(z.string()).optional().meta({ description: 'Whose loaders its firmware starts' }),
  chassisType: z.number().int().optional().meta({ description: 'As SMBIOS numbers them' }),
  ipv4Networks: z.array(z.string()).optional(),
  macAddresses: z.array(z.string()),
  smbiosGuid: z.string().optional(),
  serialNumber: z.string().optional(),
  manufacturer: z.string().optional(),
  model: z.string().optional(),
  operatingSystem: z.object({ name: z.string(), version: z.string().optional() }).optional(),
  utcOffsetMinutes: z.number().optional(),
  meteredConnection: z.boolean().optional(),
  memoryBytes: z.number(),
  disks: z.array(
    z.object({ name: z.string(), bytes: z.number(), model: z.string().optional(), removable: z.boolean() }),
  ),
  heardAtMs: z.number(),
  ipAddress: z.string(),
  startedFrom: z.string(),
})

export const deviceView = z
  .object({
    id: z.string(),
    name: z.string(),
    macAddresses: z.array(z.string()),
    smbiosGuid: z.string().optional(),
    serialNumber: z.string().optional(),
    variables: z.array(siteVariableView),
    requiredPxeMarks: z.array(z.object({ deploymentId: z.string(), startedAtMs: z.number() })),
    createdAtMs: z.number(),
    inventory: inventoryView
      .optional()
      .meta({ description: 'What its agent told last; its revision does not count it' }),
    revision: z.number().int(),
  })
  .meta({ id: 'Device' })

export function deviceRoutes(store: Store): readonly ApiRoute[] {
  return [
    ...objectRoutes({
      path: 'devices',
      noun: 'device',
      objects: store.devices,
      id: deviceId,
      draft: deviceDraft,
      view: deviceView,
      show: showDevice,
      complete: async (sent, current) => ({
        ...sent,
        variables: keepMaskedValues(sent.variables, current?.variables ?? []),
      }),
    }),
    clearRoute(store),
  ]
}

export function showDevice(device: Device): Device {
  return { ...device, variables: maskSecrets(device.variables) }
}

function clearRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/devices/{id}/clear-required-pxe-deployments',
    summary: 'Let required deployments start again over PXE on this device',
    params: z.object({ id: deviceId }),
    query: z.strictObject({ deployment: deploymentId.exactOptional() }),
    answers: { 200: deviceView },
    answer: async ({ params, query }) =>
      objectAnswer(showDevice(editedValue(await store.clearRequiredPxeDeployments(params.id, query.deployment)))),
  })
}
