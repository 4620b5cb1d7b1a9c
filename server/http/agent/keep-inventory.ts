/**
 * Keeps what an agent tells of its machine with the device, for administrators and for query rules of collections. Only what
 * the machine's own agent tells: a copied address must not be able to move a device into another collection as long as that
 * device's agent is alive, or before the approval that the site wants (security A04, A06). What is told holds from the next hello on.
 */

import type { Hello } from '../../contract/agent.ts'
import type { KeptInventory } from '../../site/inventory.ts'
import type { HttpDependencies } from '../dependencies.ts'
import type { Machine } from './machine-standing.ts'

export interface Told {
  readonly hello: Pick<Hello, 'hardware' | 'startedFrom' | 'occasions'>
  readonly machine: Machine
  readonly approved: boolean
  /** False: another agent speaks for this machine. */
  readonly isTheOne: boolean
  readonly ipAddress: string
}

export async function keepInventory({ store, now, log }: HttpDependencies, told: Told): Promise<void> {
  const { hello, machine, approved, isTheOne, ipAddress } = told
  const { device, approvalBecause, refused } = machine
  if (device === undefined || !isTheOne || refused !== undefined) return
  if (approvalBecause !== undefined && !approved) return
  const inventory: KeptInventory = { ...hello.hardware, heardAtMs: now(), ipAddress, startedFrom: hello.startedFrom }
  const kept = await store.keepInventory(device.id, inventory)
  if (kept === 'unchanged') return
  const fields = { device: device.name, ipAddress }
  for (const { identifier, comment } of kept.listed) {
    log.warn({ ...fields, macAddress: identifier }, `${identifier} names no one machine any more: it was ${comment}`)
  }
  if (kept.isOtherMachine) {
    log.warn(
      fields,
      'its agent tells another SMBIOS GUID or serial number than before: a new board, or a shared adapter',
    )
  }
}
