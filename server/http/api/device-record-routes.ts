/** `/devices/{id}/merge` and `/devices/{id}/split`: two records of one machine become one, one record of two machines becomes two. */

import { z } from 'zod'
import { deviceNameCharactersMax } from '../../site/device.ts'
import type { RecordsAnswer } from '../../store/device-records-port.ts'
import type { Store } from '../../store/ports.ts'
import { notFound, Problem } from '../problem.ts'
import { deviceView, showDevice } from './device-routes.ts'
import { deviceId, label, macAddress, smbiosGuid } from './fields.ts'
import { type ApiAnswer, type ApiRoute, defineRoute } from './route.ts'

const params = z.object({ id: deviceId })
const query = z.strictObject({ preview: z.enum(['true', 'false']).default('false') })
const whose = z.enum(['kept', 'other'])

const answerView = z
  .object({
    isPreview: z.boolean(),
    device: deviceView,
    other: deviceView.meta({ description: 'The record that is gone, as it was; or the new one' }),
    collections: z.array(z.string()).meta({ description: 'That list a device by name, and are changed' }),
    runs: z.number().int().meta({ description: 'That belong to another record now' }),
  })
  .meta({ id: 'DeviceRecords' })

export function deviceRecordRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'post',
      path: '/devices/{id}/merge',
      summary: 'Let the record of another device go into this one; with preview=true nothing is kept',
      params,
      query,
      body: z.strictObject({
        from: deviceId.meta({ description: 'Its record is gone afterwards' }),
        force: z
          .strictObject({ smbiosGuid: whose.exactOptional(), serialNumber: whose.exactOptional() })
          .default({})
          .meta({ description: 'Whose is right, where the two differ; without it they are two machines' }),
      }),
      answers: { 200: answerView },
      answer: async ({ params: { id }, query: { preview }, body }) =>
        show(await store.mergeDevices({ ...body, id, isPreview: preview === 'true' })),
    }),
    defineRoute({
      method: 'post',
      path: '/devices/{id}/split',
      summary: 'Make a new record of identifiers of this device; with preview=true nothing is kept',
      params,
      query,
      body: z.strictObject({
        name: label(deviceNameCharactersMax).min(1),
        macAddresses: z.array(macAddress).max(64).default([]),
        smbiosGuid: smbiosGuid.exactOptional(),
        serialNumber: label(255).exactOptional(),
        inSameCollections: z
          .boolean()
          .default(false)
          .meta({ description: 'Collections that list this device list the new one, too' }),
      }),
      answers: { 200: answerView },
      answer: async ({ params: { id }, query: { preview }, body }) =>
        show(await store.splitDevice({ ...body, id, isPreview: preview === 'true' })),
    }),
  ]
}

function show(answer: RecordsAnswer): ApiAnswer {
  switch (answer.kind) {
    case 'not-found':
      throw notFound('such device')
    case 'not-possible':
      throw new Problem(409, { detail: answer.reason, code: 'refused' })
    case 'done':
    case 'previewed': {
      const { device, other, collections, runs } = answer
      const isPreview = answer.kind === 'previewed'
      return {
        status: 200,
        body: { isPreview, device: showDevice(device), other: showDevice(other), collections, runs },
      }
    }
    default:
      return answer satisfies never
  }
}
