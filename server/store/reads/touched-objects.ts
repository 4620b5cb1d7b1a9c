/** Which device or collection a command may have changed, as far as membership of collections goes. */

import { type CollectionId, type DeviceId, parseCollectionId, parseDeviceId } from '../../address/identifiers.ts'
import { type DoneCommand, noEdit } from '../writer.ts'

export interface Touched {
  readonly device?: DeviceId | undefined
  readonly collection?: CollectionId | undefined
}

const touchesDevice: ReadonlySet<string> = new Set(['createDevice', 'replaceDevice', 'removeDevice', 'keepInventory'])
const touchesCollection: ReadonlySet<string> = new Set(['createCollection', 'replaceCollection', 'removeCollection'])

export function touchedBy(done: DoneCommand): readonly Touched[] {
  const { name, input, value } = done
  if (value === noEdit) return []
  if (name === 'importDevices') return touchedByImport(input, value)
  if (name === 'mergeDevices' || name === 'splitDevice') return touchedByRecords(value)
  if (name === 'addEvents') return touchedByEvents(value)
  const id = (): string => idIn(name.startsWith('create') && isRecord(value) ? value['value'] : input)
  if (touchesDevice.has(name)) return [{ device: parseDeviceId(id()) }]
  return touchesCollection.has(name) ? [{ collection: parseCollectionId(id()) }] : []
}

function touchedByImport(input: unknown, value: unknown): readonly Touched[] {
  const rows = isRecord(value) && Array.isArray(value['rows']) ? value['rows'] : []
  const collections = isRecord(input) && Array.isArray(input['collections']) ? input['collections'] : []
  return [
    ...rows.map((row) => ({ device: parseDeviceId(idIn(isRecord(row) ? row['device'] : undefined)) })),
    ...collections.map((id) => ({ collection: parseCollectionId(String(id)) })),
  ]
}

function touchedByEvents(value: unknown): readonly Touched[] {
  const provisioned = isRecord(value) ? value['provisioned'] : undefined
  if (!isRecord(provisioned)) return []
  const { collections } = provisioned
  return [
    { device: parseDeviceId(idIn(provisioned['device'])) },
    ...(Array.isArray(collections) ? collections.map((id) => ({ collection: parseCollectionId(String(id)) })) : []),
  ]
}

/** A preview, and a refusal, touch nothing. */
function touchedByRecords(value: unknown): readonly Touched[] {
  if (!isRecord(value) || value['kind'] !== 'done') return []
  const collections = Array.isArray(value['collections']) ? value['collections'] : []
  return [
    { device: parseDeviceId(idIn(value['device'])) },
    { device: parseDeviceId(idIn(value['other'])) },
    ...collections.map((id) => ({ collection: parseCollectionId(String(id)) })),
  ]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Of an object, or of the command that edits it. */
function idIn(value: unknown): string {
  if (!isRecord(value)) return ''
  const id = value['id'] ?? value['deviceId']
  return typeof id === 'string' ? id : ''
}
