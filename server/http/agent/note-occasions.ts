/**
 * What a client tells has happened on its machine becomes a time of its schedules (S5-019): when the site heard of it, because
 * the clock of a machine may be anywhere. Only the machine's own agent is believed, as with its inventory. Said again, it is the
 * same occasion as long as nothing has started for it.
 */

import type { HttpDependencies } from '../dependencies.ts'
import type { Told } from './keep-inventory.ts'

/** True: the schedules of this machine have to be asked anew. */
export async function noteOccasions({ store, now }: HttpDependencies, told: Told): Promise<boolean> {
  const { hello, machine, approved, isTheOne } = told
  const { device, approvalBecause, refused } = machine
  const { occasions = [], startedFrom } = hello
  if (occasions.length === 0 || startedFrom !== 'installed-system') return false
  if (device === undefined || !isTheOne || refused !== undefined) return false
  if (approvalBecause !== undefined && !approved) return false
  await store.noteOccasions(device.id, occasions, now())
  return true
}
