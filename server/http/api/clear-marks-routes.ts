/**
 * Clear required PXE deployments (S6-027) for what has no page of its own: a whole collection, and a computer that is no device
 * of the site. The route for one device is beside the devices.
 */

import { z } from 'zod'
import { isMeaningfulMacAddress } from '../../address/mac-address.ts'
import { isMeaningfulSmbiosGuid } from '../../address/smbios-guid.ts'
import type { Store } from '../../store/ports.ts'
import { editedValue } from './edit-answer.ts'
import { collectionId, deploymentId, macAddress, smbiosGuid } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const clearedMarks = z.object({ deviceMarks: z.number().int(), unknownComputerMarks: z.number().int() })

export function clearMarksRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'post',
      path: '/collections/{id}/clear-required-pxe-deployments',
      summary: 'Let required deployments start again over PXE on everything in this collection',
      params: z.object({ id: collectionId }),
      query: z.strictObject({ deployment: deploymentId.exactOptional() }),
      answers: { 200: clearedMarks },
      answer: async ({ params, query }) => ({
        status: 200,
        body: editedValue(await store.clearRequiredPxeDeploymentsOfCollection(params.id, query.deployment)),
      }),
    }),
    defineRoute({
      method: 'post',
      path: '/unknown-computers/clear-required-pxe-deployments',
      summary: 'Let required deployments start again over PXE on a computer that is no device',
      query: z.strictObject({
        mac: macAddress.refine(isMeaningfulMacAddress, 'names no machine').meta({ description: 'Of any of its cards' }),
        uuid: smbiosGuid.refine(isMeaningfulSmbiosGuid, 'names no machine').exactOptional().meta({
          description: 'Its SMBIOS GUID; needed when several computers started with this address',
        }),
        deployment: deploymentId.exactOptional(),
      }),
      answers: { 200: clearedMarks },
      answer: async ({ query: { mac, uuid, deployment } }) => {
        const computer = { macAddresses: [mac], ...(uuid === undefined ? {} : { smbiosGuid: uuid }) }
        const cleared = await store.clearRequiredPxeDeploymentsOfUnknownComputer(computer, deployment)
        return { status: 200, body: editedValue(cleared) }
      },
    }),
  ]
}
