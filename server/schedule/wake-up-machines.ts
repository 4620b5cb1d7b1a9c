/**
 * Every minute: machines on which a deployment with wake-up packets is due are woken, once for each of its times (S5-016). It is
 * noted when the packets are on their way, so that a server which is killed in between sends them once more rather than never; and a
 * time that fell into its absence is made up for.
 */

import { setImmediate } from 'node:timers/promises'
import type { CollectionId, DeploymentId, DeviceId } from '../address/identifiers.ts'
import type { MacAddress } from '../address/mac-address.ts'
import type { BootFacts } from '../boot/boot-facts.ts'
import { healthOf } from '../boot/decide.ts'
import type { PxeClient } from '../boot/pxe-client.ts'
import type { Occasion } from '../site/client-schedule.ts'
import type { Deployment } from '../site/deployment.ts'
import type { Device } from '../site/device.ts'
import { type SleepingMachine, sleepingMachine } from '../site/sleeping-machine.ts'
import { canaryMachine } from '../targeting/canary.ts'
import { isWoken, wakesMachines, wakeUpTime, wouldStart } from '../targeting/wake-up.ts'
import type { Job } from './job.ts'

export interface WakingSite {
  /** For which time each device was woken last. */
  wokenFor(id: DeploymentId): Promise<ReadonlyMap<DeviceId, number>>
  noteWokenUp(woken: readonly WokenUp[]): Promise<void>
  readonly deployments: { list(): Promise<readonly Deployment[]> }
  deviceMembers(id: CollectionId): Promise<readonly Device[]>
  about(client: PxeClient): BootFacts | Promise<BootFacts>
  lastOutcomes(id: DeviceId): Promise<ReadonlyMap<DeploymentId, 'succeeded' | 'failed'>>
  occasions(id: DeviceId): Promise<ReadonlyMap<Occasion, number>>
}

interface WokenUp {
  readonly deploymentId: DeploymentId
  readonly deviceId: DeviceId
  readonly dueAtMs: number
}

/** Sends the packets; resolves when they are on their way. */
export type Wake = (machines: readonly SleepingMachine[]) => Promise<unknown>

/** Whatever else is due waits for the next turn: a hall of machines that start together takes a hall's fuse. */
export const machinesPerTurnMax = 1_000
/** So many machines are asked about between two looks at the network. */
const askedAtOnce = 16

export function wakeUpMachines(site: WakingSite, wake: Wake): Job {
  return {
    name: 'wake up machines',
    due: '* * * * *',
    async run(nowMs) {
      const woken: (WokenUp & { readonly device: Device })[] = []
      for (const deployment of (await site.deployments.list()).filter(wakesMachines)) {
        for await (const { device, dueAtMs } of machinesToWake(site, deployment, nowMs)) {
          if (woken.length >= machinesPerTurnMax) break
          woken.push({ deploymentId: deployment.id, deviceId: device.id, dueAtMs, device })
        }
      }
      if (woken.length === 0) return {}
      await wake(woken.map(({ device }) => sleepingMachine(device)))
      await site.noteWokenUp(woken.map(({ deploymentId, deviceId, dueAtMs }) => ({ deploymentId, deviceId, dueAtMs })))
      const deployments = [...new Set(woken.map(({ deploymentId }) => deploymentId))]
      return { text: `Sent wake-up packets to ${woken.length} machines`, fields: { deployments } }
    },
  }
}

async function* machinesToWake(
  site: WakingSite,
  deployment: Deployment,
  nowMs: number,
): AsyncGenerator<{ readonly device: Device; readonly dueAtMs: number }> {
  const dueAt = byClock((utcOffsetMinutes) => wakeUpTime(deployment, { nowMs, utcOffsetMinutes }))
  const wokenFor = await site.wokenFor(deployment.id)
  let asked = 0
  for (const device of await site.deviceMembers(deployment.collectionId)) {
    const dueAtMs = dueAt(device.inventory?.utcOffsetMinutes ?? 0)
    if (dueAtMs === undefined || isWoken(wokenFor.get(device.id), dueAtMs, nowMs)) continue
    asked += 1
    if (asked % askedAtOnce === 0) await setImmediate()
    if (await wouldStartOn(site, deployment, device)) yield { device, dueAtMs }
  }
}

/** A schedule is looked through once for all machines whose clocks agree. */
function byClock(timeOf: (utcOffsetMinutes: number) => number | undefined): typeof timeOf {
  const known = new Map<number, { readonly dueAtMs: number | undefined }>()
  return (utcOffsetMinutes) => {
    const found = known.get(utcOffsetMinutes) ?? { dueAtMs: timeOf(utcOffsetMinutes) }
    known.set(utcOffsetMinutes, found)
    return found.dueAtMs
  }
}

/** By the same rules as when it asks. */
async function wouldStartOn(site: WakingSite, deployment: Deployment, device: Device): Promise<boolean> {
  const [macAddress] = device.macAddresses
  if (macAddress === undefined) return false
  const facts = await site.about(clientOf(device, macAddress))
  const [found, ...others] = facts.devices
  if (found?.id !== device.id || others.length > 0) return false
  const { architecture = 'x64', operatingSystem, utcOffsetMinutes = 0 } = device.inventory ?? {}
  return wouldStart(deployment, facts.candidates, {
    variables: facts.variables,
    marks: found.requiredPxeMarks,
    nowMs: facts.nowMs,
    guard: facts.startGuard,
    ...healthOf(facts),
    machine: canaryMachine({ deviceId: device.id, lane: macAddress }),
    platform: { architecture, ...(operatingSystem === undefined ? {} : { operatingSystem }) },
    // Of what never started here nothing has ended.
    ...(found.requiredPxeMarks.length === 0 ? {} : { outcomes: await site.lastOutcomes(device.id) }),
    ...(isForOccasions(deployment) ? { happened: await site.occasions(device.id) } : {}),
    meteredConnection: device.inventory?.meteredConnection,
    maintenance: { windows: facts.maintenanceWindows, utcOffsetMinutes },
  })
}

function clientOf({ smbiosGuid, inventory }: Device, macAddress: MacAddress): PxeClient {
  const { architecture = 'x64', firmware = 'uefi' } = inventory ?? {}
  return {
    macAddress,
    ...(smbiosGuid === undefined ? {} : { smbiosGuid }),
    platform: { architecture, firmware, transport: 'http', code: 0 },
    stage: 'firmware',
  }
}

function isForOccasions({ clientSchedule: { occasions = [] } }: Deployment): boolean {
  return occasions.length > 0
}
