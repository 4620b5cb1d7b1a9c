/** Joins the questions of device-records-port.ts to their commands, and tells who remembers devices what came of them. */

import type { UndoneRecords } from './commands/merge-devices.ts'
import type { DeviceRecords, RecordsAnswer } from './device-records-port.ts'
import type { ClientsHeard } from './reads/clients-heard.ts'
import type { KnownIdentifiers } from './reads/known-identifiers.ts'
import type { Writer } from './writer.ts'

interface RememberedDevices {
  readonly identifiers: KnownIdentifiers
  readonly clients: ClientsHeard
}

export function deviceRecords(writer: Writer, { identifiers, clients }: RememberedDevices): DeviceRecords {
  const learn = (answer: RecordsAnswer | UndoneRecords): RecordsAnswer => {
    if (answer.kind === 'refused') return answer.answer
    if (answer.kind !== 'done') return answer
    for (const device of [answer.device, answer.other]) identifiers.learn(device)
    clients.share(answer.device.id, answer.other.id)
    return answer
  }
  return {
    mergeDevices: async (wanted) => learn(await writer.run('mergeDevices', wanted)),
    splitDevice: async (wanted) => learn(await writer.run('splitDevice', wanted)),
  }
}
