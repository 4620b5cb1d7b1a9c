/**
 * The agent in the boot image of a machine that was started from a medium: its devices are those that the test made, and a
 * person's answers come line by line. `REVEILLE_TEST_DISK` is its one disk.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { MachineConsole } from '../../../bootstrap/console.ts'
import { Identity } from '../../../bootstrap/identity.ts'
import { ManagementPoint } from '../../../bootstrap/management-point.ts'
import { type MediumStart, runFromMedium } from '../../../bootstrap/medium-start.ts'
import { Redactor } from '../../../bootstrap/redactor.ts'
import type { Hello } from '../../../server/contract/agent.ts'
import { parseMediumId } from '../../../server/contract/medium.ts'
import { testFileSystems } from '../medium/make-medium.ts'

const folder = process.env['REVEILLE_TEST'] ?? ''
const redactor = new Redactor()
const console = new MachineConsole(redactor, (text) => process.stdout.write(text))
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const disk = process.env['REVEILLE_TEST_DISK']
const identity = new Identity()
const { identityKey, sealingKey, nonce } = identity

const hello: Hello = {
  protocol: 1,
  identityKey,
  sealingKey,
  nonce,
  hardware: {
    architecture: 'x64',
    firmware: 'bios',
    secureBoot: false,
    macAddresses: ['52:54:00:aa:bb:cc'],
    memoryBytes: 1,
    disks: [],
  },
  startedFrom: 'boot-image',
  agentVersion: '0.1.0',
}

const connect: MediumStart['connect'] = (server, more, fromMedium) => ({
  where: 'boot-image',
  hello: { ...hello, ...more },
  disks: disk === undefined ? [] : [JSON.parse(disk)],
  otherDisks: [],
  server,
  console,
  redactor,
  managementPoint: new ManagementPoint({ server, identity, onFault: () => {}, signal: new AbortController().signal }),
  onFault: () => {},
  runtimeFolder: join(folder, 'runtime'),
  scratchFolder: '/run/reveille',
  ...(fromMedium === undefined ? {} : { fromMedium }),
})

const noNetwork = async (): Promise<never> => {
  throw new Error('a stand-alone medium left the network alone')
}

const mediumId = parseMediumId(readFileSync(join(folder, 'media/medium-id'), 'utf8'))
if (mediumId === undefined) throw new Error('a wrong fixture')

await runFromMedium({
  wanted: { mediumId, siteKey: readFileSync(join(folder, 'media/site-key'), 'utf8') },
  machine: connect([], {}),
  chooseSeconds: 0,
  refusalWaits: { required: { firstMs: 1, mostMs: 2 }, readErrorMs: 1 },
  network: { cards: noNetwork, apply: noNetwork, connect: noNetwork },
  connect,
  // A person may change what is in the drive.
  search: {
    devices: async () => [{ device: readFileSync(join(folder, 'drive'), 'utf8'), place: 'removable' }],
    fileSystems: testFileSystems,
    tries: 1,
  },
  pages: {
    say: (text) => console.say(text),
    readLine: async () => {
      console.say('[reads a line]')
      const { value, done } = await lines.next()
      return done === true || !existsSync(folder) ? undefined : value
    },
    chooseSeconds: 0,
  },
})
console.say('This machine stays as it is.')
process.exit(0)
