/** Identifiers of one record become a record of their own: its machine had a new board, or was two from the beginning. */

import { splitIdentifiers } from '../../site/merge-devices.ts'
import type { DeviceSplit, RecordsAnswer } from '../device-records-port.ts'
import { writeClientHeard } from '../rows/client-rows.ts'
import { readDevice } from '../rows/device-rows.ts'
import { audit } from './audit.ts'
import { deviceKind, setRequiredPxeMark } from './device-edits.ts'
import { changeDirectMembers, reasonOf } from './direct-members.ts'
import { creating, replacing } from './edit-object.ts'
import { collectionsOf, ended, notPossible, refuseRunning, type UndoneRecords } from './merge-devices.ts'
import type { Writing } from './writing.ts'

export async function splitDevice(writing: Writing, wanted: DeviceSplit): Promise<RecordsAnswer | UndoneRecords> {
  const { tx } = writing
  const device = await readDevice(tx, wanted.id)
  if (device === undefined) return { kind: 'not-found' }
  const busy = await refuseRunning(writing, device)
  if (busy !== undefined) return notPossible(busy)
  const split = splitIdentifiers(device, wanted)
  if (typeof split === 'string') return notPossible(split)
  const { name, variables } = device
  const draft = { name, variables, ...split.rest }
  const edit = await replacing(deviceKind)(writing, { id: device.id, draft, revision: undefined })
  if (edit.kind !== 'saved') return notPossible(reasonOf(edit))
  const made = await creating(deviceKind)(writing, { name: wanted.name, variables: [], ...split.taken })
  if (made.kind !== 'saved') return notPossible(reasonOf(made))
  const { id } = made.value
  // What has started has started on one of the two, and nobody knows on which: so it starts on neither.
  for (const mark of device.requiredPxeMarks) await setRequiredPxeMark(writing, { deviceId: id, ...mark })
  await keepHeard(writing, device.id, id)
  const collections = wanted.inSameCollections ? await collectionsOf(writing, device.id) : []
  for (const collection of collections) {
    const reason = await changeDirectMembers(writing, collection, (members) => [...members, id])
    if (reason !== undefined) return notPossible(`collection ${collection}: ${reason}`)
  }
  const after = { into: `${wanted.name} (${id})`, ...split.taken, collections }
  await audit(writing, { action: 'split', kind: 'device', id: device.id, name, after })
  const other = (await readDevice(tx, id)) ?? made.value
  return ended({ kind: wanted.isPreview ? 'previewed' : 'done', device: edit.value, other, collections, runs: 0 })
}

/** A client that was heard is one of the two: neither is installed anew by itself (S5-043). */
async function keepHeard({ tx }: Writing, from: DeviceSplit['id'], to: DeviceSplit['id']): Promise<void> {
  const heard = await tx.selectFrom('clients_heard').select('at_ms').where('device_id', '=', from).executeTakeFirst()
  if (heard !== undefined) await writeClientHeard(tx, to, heard.at_ms)
}
