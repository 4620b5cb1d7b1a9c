/** `/devices/import`: many devices at once, all of them or none (S9-001 to S9-004). */

import { z } from 'zod'
import { isMeaningfulMacAddress } from '../../address/mac-address.ts'
import { isMeaningfulSmbiosGuid } from '../../address/smbios-guid.ts'
import { deviceNameCharactersMax, deviceVariablesMax } from '../../site/device.ts'
import type { Store } from '../../store/ports.ts'
import { Problem } from '../problem.ts'
import { collectionId, label, macAddress, siteVariables, smbiosGuid } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { findUnknownSecrets } from './secret-values.ts'

const devicesMax = 10_000
const importLimits = { bytesMax: 16 * 1_048_576, depthMax: 10, keysMax: 2_000_000 } as const

const importedDevice = z
  .strictObject({
    name: label(deviceNameCharactersMax).min(1),
    macAddresses: z.array(macAddress.refine(isMeaningfulMacAddress, 'names no machine')).max(64).default([]),
    smbiosGuid: smbiosGuid.refine(isMeaningfulSmbiosGuid, 'names no machine').exactOptional(),
    serialNumber: label(255).exactOptional(),
    variables: siteVariables(deviceVariablesMax),
  })
  .refine(
    ({ macAddresses, smbiosGuid: guid }) => macAddresses.length > 0 || guid !== undefined,
    'needs a MAC address or an SMBIOS GUID (S9-001)',
  )
  .meta({ id: 'ImportedDevice' })

const importRequest = z
  .strictObject({
    devices: z.array(importedDevice).min(1).max(devicesMax),
    existing: z.enum(['refuse', 'skip', 'merge', 'overwrite']).default('refuse').meta({
      description:
        'Of devices that the site has, by name, MAC address or SMBIOS GUID; merge: what is in the record stays, and what it lacks is added',
    }),
    collections: z.array(collectionId).max(20).default([]).meta({ description: 'Who is in them besides' }),
  })
  .meta({ id: 'DeviceImport' })

const importView = z
  .object({
    isPreview: z.boolean(),
    rows: z.array(
      z.object({ outcome: z.enum(['created', 'merged', 'overwritten', 'skipped']), id: z.string(), name: z.string() }),
    ),
  })
  .meta({ id: 'DeviceImportResult' })

export function deviceImportRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'post',
      path: '/devices/import',
      summary: 'Import devices, all of them or none; with preview=true nothing is kept',
      query: z.strictObject({ preview: z.enum(['true', 'false']).default('false') }),
      body: importRequest,
      limits: importLimits,
      answers: { 200: importView },
      answer: async ({ body, query }) => {
        const isPreview = query.preview === 'true'
        // What was exported has stars where a secret was: they are nobody's value.
        const masked = body.devices.flatMap(({ variables }, row) =>
          findUnknownSecrets(variables, new Set()).map(({ path, message }) => ({
            path: `devices[${row}].${path}`,
            message,
          })),
        )
        if (masked.length > 0) throw new Problem(422, { faults: masked })
        const answer = await store.importDevices({ ...body, isPreview })
        switch (answer.kind) {
          case 'refused':
            throw new Problem(422, {
              faults: answer.faults.map(({ row, message }) => ({ path: `devices[${row}]`, message })),
            })
          case 'no-collection':
            throw new Problem(422, { faults: [{ path: 'collections', message: answer.reason }] })
          case 'imported':
          case 'previewed': {
            const rows = answer.rows.map(({ outcome, device: { id, name } }) => ({ outcome, id, name }))
            return { status: 200, body: { isPreview, rows } }
          }
          default:
            return answer satisfies never
        }
      },
    }),
  ]
}
