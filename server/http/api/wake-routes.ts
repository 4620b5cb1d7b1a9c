/** Wakes machines at once, because somebody says so: one, or all of a collection (the packets of S5-016 without a deployment). */

import { z } from 'zod'
import type { Device } from '../../site/device.ts'
import { sleepingMachine } from '../../site/sleeping-machine.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { notFound, Problem } from '../problem.ts'
import { collectionId, deviceId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const sent = z
  .object({
    machines: z.number().int(),
    destinations: z.array(z.string()).meta({ description: 'Where packets went; whether anybody woke nobody can know' }),
  })
  .meta({ id: 'WakeUp' })

export function wakeRoutes(dependencies: Pick<HttpDependencies, 'store' | 'wake' | 'log'>): readonly ApiRoute[] {
  const { store } = dependencies
  return [
    defineRoute({
      method: 'post',
      path: '/devices/{id}/wake',
      summary: 'Send wake-up packets to this device',
      params: z.object({ id: deviceId }),
      answers: { 200: sent },
      answer: async ({ params: { id } }) => {
        const device = await store.devices.get(id)
        if (device === undefined) throw notFound(`device ${id}`)
        return { status: 200, body: await wakeAll(dependencies, [device]) }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/collections/{id}/wake',
      summary: 'Send wake-up packets to every device of this collection',
      params: z.object({ id: collectionId }),
      answers: { 200: sent },
      answer: async ({ params: { id } }) => {
        if ((await store.collections.get(id)) === undefined) throw notFound(`collection ${id}`)
        return { status: 200, body: await wakeAll(dependencies, await store.deviceMembers(id)) }
      },
    }),
  ]
}

async function wakeAll(
  { wake, log }: Pick<HttpDependencies, 'wake' | 'log'>,
  devices: readonly Device[],
): Promise<z.output<typeof sent>> {
  const machines = devices.map(sleepingMachine).filter(({ macAddresses }) => macAddresses.length > 0)
  if (machines.length === 0) {
    throw new Problem(409, { detail: 'No MAC address is known of it, and only a card can be woken.' })
  }
  const destinations = await wake(machines)
  log.info({ machines: machines.length, destinations }, 'sent wake-up packets')
  return { machines: machines.length, destinations: [...destinations] }
}
