/**
 * What a client tells has happened on its machine becomes a time of its schedules (S5-019): when the site heard of it, because
 * the clock of a machine may be anywhere. Only the machine's own agent is believed, as with its inventory. Said again, it is the
 * same occasion as long as nothing has started for it. A start of the system that a run has brought about is none: what waits for
 * one and restarts the machine would be repeated for ever.
 */

import type { Device } from '../../site/device.ts'
import type { HttpDependencies } from '../dependencies.ts'
import type { Told } from './keep-inventory.ts'

/** True: the schedules of this machine have to be asked anew. */
export async function noteOccasions({ store, now }: HttpDependencies, told: Told): Promise<boolean> {
  const { hello, machine, approved, isTheOne } = told
  const { device, approvalBecause, refused } = machine
  if (hello.startedFrom !== 'installed-system') return false
  if (device === undefined || !isTheOne || refused !== undefined) return false
  if (approvalBecause !== undefined && !approved) return false
  const { occasions = [] } = hello
  const isBroughtAbout = occasions.includes('start-up') && isFirstAfterRun(await store.devices.get(device.id))
  const happened = isBroughtAbout ? occasions.filter((occasion) => occasion !== 'start-up') : occasions
  if (happened.length === 0) return false
  await store.noteOccasions(device.id, happened, now())
  return true
}

/** Whether nothing was heard of the machine since a required run began on it: the device is as the last hello left it. */
function isFirstAfterRun(device: Device | undefined): boolean {
  const heardAtMs = device?.inventory?.heardAtMs
  if (device === undefined || heardAtMs === undefined) return false
  return device.requiredPxeMarks.some(({ startedAtMs }) => startedAtMs >= heardAtMs)
}
