/**
 * Composition root of the agent: in the boot image it says hello, lets a deployment be chosen, and runs it; as the
 * client of the installed system it goes on with the run that waits on the disk, runs what is deployed to it, and ends. Which of the two it is,
 * its systemd unit says (`REVEILLE_WHERE=installed-system`); another unit of the client notes what happens there (`REVEILLE_TASK=note-occasions`). A failure in the boot image is reported, shown, and the
 * machine stays as it is: it never restarts in circles.
 */

import { existsSync, readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { agentProtocolVersion, type Hardware, type Hello } from '../server/contract/agent.ts'
import type { RestartTarget } from '../server/sequence/run.ts'
import { pause } from './back-off.ts'
import { restartAfterError, runInBootImage } from './boot-image-start.ts'
import { runClient } from './client.ts'
import { clientUnitName } from './client-files.ts'
import { clientIdentityFile, openClientIdentity } from './client-identity.ts'
import { runCommand } from './command.ts'
import { MachineConsole, readLine } from './console.ts'
import type { Fault } from './fault.ts'
import { readDisks } from './fixed-disks.ts'
import { Identity } from './identity.ts'
import { bootInterface, type KernelCommandLine, parseKernelCommandLine } from './kernel-command-line.ts'
import { readHardware } from './machine.ts'
import { ManagementPoint } from './management-point.ts'
import { readMediumArguments } from './medium/medium-arguments.ts'
import { type MediumStart, runFromMedium } from './medium-start.ts'
import { readMeteredConnection } from './metered-connection.ts'
import { bootImageNetwork } from './network.ts'
import { noteOccasions, occasionsFolder } from './occasions.ts'
import { readOperatingSystem } from './os-release.ts'
import { Redactor } from './redactor.ts'
import { refusalWaits } from './refused-start.ts'
import type { Machine } from './run-session.ts'
import { chooseSeconds, type ServerLocation, serverFromCommandLine, serverFromSettings } from './server-location.ts'

const agentVersion = '0.1.0'
const scratchFolder = '/run/reveille'
const settingsFile = '/var/lib/reveille/agent.json'

async function main(): Promise<void> {
  // A screen or serial line that is gone must not end the run.
  process.stdout.on('error', () => {})
  const commandLine = parseKernelCommandLine(readFileSync('/proc/cmdline', 'utf8'))
  const where = process.env['REVEILLE_WHERE'] === 'installed-system' ? 'installed-system' : 'boot-image'
  if (process.env['REVEILLE_TASK'] === 'note-occasions') return noteOccasionsAndAsk()
  const { machine, connect } = await readMachine(where, commandLine)
  if (where === 'installed-system') return runClient(machine)
  const wanted = readMediumArguments(commandLine)
  const network = bootImageNetwork((line) => machine.console.say(line))
  const start = { machine, chooseSeconds: chooseSeconds(commandLine), refusalWaits }
  for (;;) {
    const end = await (wanted === undefined
      ? runInBootImage(start)
      : // A person began it: the pages of a medium wait for them.
        runFromMedium({ ...start, chooseSeconds: 0, wanted, network, connect }))
    const errorSeconds = end.kind === 'stays' ? end.errorSeconds : undefined
    const stays = errorSeconds === undefined ? 'stays as it is' : `restarts in ${errorSeconds} s`
    machine.console.say(`This machine ${stays}. Type r and Enter to search for deployments again.`)
    const endMs = errorSeconds === undefined ? undefined : performance.now() + errorSeconds * 1_000
    for (let line: string | undefined; line?.trim() !== 'r'; ) {
      line = await readLine(process.stdin, endMs === undefined ? undefined : Math.max(0, endMs - performance.now()))
      if (line === undefined && endMs !== undefined) return restartAfterError()
      // Without a keyboard there is nothing to wait for but a person at the power button.
      if (line === undefined) await pause(2 ** 31 - 1)
    }
  }
}

async function noteOccasionsAndAsk(): Promise<void> {
  if (!(await noteOccasions(join('/', occasionsFolder)))) return
  await runCommand({ program: 'systemctl', arguments: ['start', '--no-block', clientUnitName] })
}

/** What only a client can tell. */
async function readInstalledSystem(): Promise<Partial<Hardware>> {
  const operatingSystem = await readOperatingSystem()
  return {
    utcOffsetMinutes: -new Date().getTimezoneOffset(),
    ...(operatingSystem === undefined ? {} : { operatingSystem }),
    ...(await readMeteredConnection()),
  }
}

async function readMachine(where: RestartTarget, commandLine: KernelCommandLine): Promise<ReadMachine> {
  const redactor = new Redactor()
  const console = new MachineConsole(redactor, (text) => process.stdout.write(text))
  const server = where === 'boot-image' ? serverFromCommandLine(commandLine) : readSettings()
  const { fixed: disks, others: otherDisks } = await readDisks()
  const facts = { bootCard: bootInterface(commandLine), memoryBytes: totalmem(), processor: process.arch, disks }
  const told = await readHardware(facts)
  const hardware = { ...told, ...(where === 'installed-system' ? await readInstalledSystem() : {}) }
  const identity =
    where === 'boot-image' ? new Identity() : openClientIdentity(join('/', clientIdentityFile), hardware, Date.now())
  const { identityKey, sealingKey, nonce } = identity
  const keys = { identityKey, sealingKey, nonce }
  const hello: Hello = { protocol: agentProtocolVersion, ...keys, hardware, startedFrom: where, agentVersion }
  const onFault = (fault: Fault, againInMs: number): void =>
    console.say(`${fault.message}; trying again in ${Math.ceil(againInMs / 1_000)} s`)
  const signal = new AbortController().signal
  const runtimeFolder = dirname(process.argv[1] ?? '/usr/lib/reveille/agent.mjs')
  const parts = { where, disks, otherDisks, console, redactor, onFault, runtimeFolder, scratchFolder }
  const connect: ReadMachine['connect'] = (bases, more, fromMedium) => ({
    ...parts,
    server: bases,
    hello: { ...hello, ...more },
    managementPoint: new ManagementPoint({ server: bases, identity, onFault, signal }),
    ...(fromMedium === undefined ? {} : { fromMedium }),
  })
  return { machine: connect(server, {}), connect }
}

interface ReadMachine {
  readonly machine: Machine
  /** The same machine, whose site is known later. */
  readonly connect: MediumStart['connect']
}

function readSettings(): ServerLocation {
  return existsSync(settingsFile) ? serverFromSettings(readFileSync(settingsFile, 'utf8')) : []
}

await main()
process.exit(0)
