/** `/boot-preview`: what a machine would boot now and why not the others, by the same decision as every other door. */

import { z } from 'zod'
import { decideBoot } from '../../boot/decide.ts'
import { explainBoot } from '../../boot/explain.ts'
import { networkBootProgram } from '../../boot/network-boot-program.ts'
import type { PxeClient } from '../../boot/pxe-client.ts'
import { platformOf } from '../../dhcp/platform.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { label, macAddress, smbiosGuid } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const previewView = z
  .object({
    decision: z.enum(['boot', 'continue-to-local-disk', 'ignore']),
    reason: z.string(),
    explanation: z.array(z.string()),
    deviceId: z.string().optional(),
    deploymentId: z.string().optional(),
    bootImageId: z.string().optional(),
    promptSeconds: z.number().optional(),
    firstFile: z.looseObject({ kind: z.string() }),
    rejected: z.array(z.object({ deploymentId: z.string(), reason: z.string() })),
  })
  .meta({ id: 'BootPreview' })

export function bootPreviewRoutes({ store, site }: HttpDependencies): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/boot-preview',
      summary: 'What would this machine boot, and why not the others?',
      query: z.strictObject({
        mac: macAddress,
        uuid: smbiosGuid.exactOptional(),
        serial: label(255).exactOptional().meta({ description: 'As iPXE tells it; firmware does not' }),
        architecture: z.coerce
          .number()
          .int()
          .min(0)
          .max(65_535)
          .default(7)
          .meta({ description: 'Number of DHCP option 93' }),
        stage: z.enum(['firmware', 'ipxe', 'ours']).default('firmware'),
      }),
      answers: { 200: previewView },
      answer: async ({ query }) => {
        const client: PxeClient = {
          macAddress: query.mac,
          ...(query.uuid === undefined ? {} : { smbiosGuid: query.uuid }),
          ...(query.serial === undefined ? {} : { serialNumber: query.serial }),
          platform: platformOf([query.architecture]),
          stage: query.stage,
        }
        const facts = await store.about(client)
        const decision = decideBoot(client, facts, site.bootPolicy)
        const body: z.output<typeof previewView> = {
          decision: decision.kind,
          reason: decision.reason,
          explanation: [...explainBoot(client, decision)],
          ...(decision.deviceId === undefined ? {} : { deviceId: decision.deviceId }),
          ...(decision.kind === 'boot'
            ? { deploymentId: decision.deployment.id, bootImageId: decision.bootImage.id }
            : {}),
          ...(decision.kind === 'boot' && decision.prompt !== undefined
            ? { promptSeconds: decision.prompt.seconds }
            : {}),
          firstFile: networkBootProgram(client, decision),
          rejected: [...decision.rejected],
        }
        return { status: 200, body }
      },
    }),
  ]
}
