/**
 * `load`: made-up machines boot from a site, as a test of how many it serves. Everything a machine does over the network, and
 * nothing that installs: what may be loaded is in `load/load-target.ts`, the way of one machine in `load/drive-machine.ts`.
 */

import { stderr } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { z } from 'zod'
import { messageOf } from '../caught-error.ts'
import { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { addressToward, DhcpRelay } from './load/dhcp-relay.ts'
import { driveMachine, type Site } from './load/drive-machine.ts'
import { LoadRecord, printLoad } from './load/load-record.ts'
import { requireAvailable, requireNobodyMadeUp, requireTarget, type Target } from './load/load-target.ts'
import { architecture, madeUpAddress, madeUpPrefix } from './load/made-up-machine.ts'
import { SameContent } from './load/same-content.ts'
import { printJson } from './print.ts'

const bounds = { machines: 100_000, atOnce: 2_000, seconds: 3_600 } as const
const leavable = ['dhcp', 'tftp', 'files', 'agent'] as const
type Leavable = (typeof leavable)[number]

interface Options {
  readonly machines: number
  readonly atOnce: number
  readonly for: number
  readonly against?: string
  readonly yesAgainst?: string
  readonly deployment?: string
  readonly without: readonly Leavable[]
  readonly dhcpPort: number
  readonly tftpPort: number
}

const help = `
Each machine goes the way of a real one: DHCP, the boot decision, its loader by TFTP, its script, kernel and initramfs by
HTTP, and its agent's hello. Its address begins with ${madeUpPrefix}, which no network card has. DHCP goes as a relay on this host
does it (UDP port 67, so as root, and not on the server's own machine); without DHCP the API is asked what would be booted.
Unknown computers have to be allowed to boot, or every machine goes on to its disk.

What it changes at the site: lanes of machines on the status page, which go by themselves; leases, which are given back; and
with --deployment runs that end as failed. It starts nothing that is required, and nothing that was not named.
A site on another machine has to be named twice: --against HOST, and again when asked (or --yes-against HOST).
The exit code is 0 when every machine came through.`

export function loadCommand(): Command {
  const one = { dhcp: 67, tftp: 69 }
  return new Command('load')
    .description('Let made-up machines boot from the site, as a test of how many it serves')
    .addOption(numberOption('--machines <n>', 'how many machines in all', bounds.machines).default(100))
    .addOption(numberOption('--at-once <n>', 'how many are on their way at one time', bounds.atOnce).default(20))
    .addOption(numberOption('--for <seconds>', 'begin none after this', bounds.seconds).default(60))
    .option('--against <host>', 'the host to load, when it is not this machine')
    .option('--yes-against <host>', 'the same once more, in place of typing it')
    .option(
      '--deployment <id>',
      'an available deployment that each machine starts; its steps are reported and not done',
    )
    .addOption(new Option('--without <part...>', 'leave out').choices(leavable).default([]))
    .addOption(numberOption('--dhcp-port <n>', 'of the server', 65_535).default(one.dhcp))
    .addOption(numberOption('--tftp-port <n>', 'of the server', 65_535).default(one.tftp))
    .addHelpText('after', help)
    .action(async (options: Options, self: Command) => run(new ApiClient(self), options))
}

function numberOption(flags: string, description: string, max: number): Option {
  return new Option(flags, `${description}, at most ${max}`).argParser((text) => {
    const number = Number(text)
    if (!Number.isInteger(number) || number < 1 || number > max) {
      throw new CliError(`${flags.split(' ')[0]} is a number from 1 to ${max}, not ${text}`)
    }
    return number
  })
}

async function run(client: ApiClient, options: Options): Promise<void> {
  const target = await requireTarget(client.server, options)
  await requireNobodyMadeUp(client)
  const deploymentId = options.deployment === undefined ? undefined : await requireAvailable(client, options.deployment)
  const relay = await openRelay(target, options)
  const isLeftOut = (part: Leavable): boolean => options.without.includes(part)
  const content = new SameContent()
  const site: Site = {
    url: client.server.origin,
    address: target.address,
    tftpPort: isLeftOut('tftp') ? undefined : options.tftpPort,
    relay,
    preview: async (machine) => previewOf(client, machine),
    fetchesFiles: !isLeftOut('files'),
    saysHello: !isLeftOut('agent'),
    deploymentId,
    content,
  }
  const record = new LoadRecord()
  const beganMs = performance.now()
  await driveAll(site, record, options)
  const tookMs = performance.now() - beganMs
  await relay?.close()
  const summary = record.summary(tookMs, content.bytes)
  if (client.json) printJson(summary)
  else process.stdout.write(`${printLoad(summary)}\n`)
  if (record.failed > 0) process.exitCode = 1
}

/** On the server's own machine there can be no relay beside it: one port, one program. */
async function openRelay({ address, isLoopback }: Target, options: Options): Promise<DhcpRelay | undefined> {
  if (options.without.includes('dhcp')) return undefined
  if (isLoopback) {
    stderr.write('DHCP is left out, because the server is this machine: no relay can stand beside it.\n')
    return undefined
  }
  const own = await addressToward(address)
  return DhcpRelay.open(own, { address, port: options.dhcpPort }).catch((cause: unknown) => {
    const advice = 'Run as root where nothing else uses that port, or leave DHCP out: --without dhcp'
    throw new CliError(`no relay can stand at ${own}, UDP port 67: ${messageOf(cause)}. ${advice}`, { cause })
  })
}

const previewSchema = z.looseObject({ firstFile: z.looseObject({ kind: z.string(), file: z.string().optional() }) })

async function previewOf(client: ApiClient, machine: string): Promise<string | undefined> {
  const query = new URLSearchParams({ mac: machine, architecture: String(architecture) })
  const { firstFile } = previewSchema.parse((await client.get(`/boot-preview?${query.toString()}`)).fields)
  return firstFile.file
}

async function driveAll(site: Site, record: LoadRecord, options: Options): Promise<void> {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  process.once('SIGINT', end)
  const timer = setTimeout(end, options.for * 1_000)
  // Lanes of an earlier load are not taken for those of this one.
  const first = Math.floor(Math.random() * 2 ** 24)
  const shown = showLoad(record, site.content)
  const one = async (): Promise<void> => {
    while (!ending.signal.aborted && record.begun < options.machines) {
      const number = first + record.begun
      record.begun += 1
      await driveMachine(site, madeUpAddress(number), record)
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.atOnce, options.machines) }, one))
  clearTimeout(timer)
  process.off('SIGINT', end)
  await shown.end()
}

/** A line that is written over where somebody watches, and one every few seconds where not. */
function showLoad(record: LoadRecord, content: SameContent): { end(): Promise<void> } {
  const ending = new AbortController()
  const { signal } = ending
  const everyMs = stderr.isTTY ? 500 : 5_000
  const beganMs = performance.now()
  const line = (): string => {
    const seconds = (performance.now() - beganMs) / 1_000
    const rate = (content.bytes / 1e6 / seconds).toFixed(1)
    return `${seconds.toFixed(0)} s: ${record.begun} begun, ${record.arrived} came through, ${record.failed} failed, ${rate} MB/s`
  }
  const showing = (async () => {
    while (await pause(everyMs, true, { signal }).catch(() => false)) {
      stderr.write(stderr.isTTY ? `\r${line().padEnd(78)}` : `${line()}\n`)
    }
    if (stderr.isTTY) stderr.write('\r'.padEnd(79).concat('\r'))
  })()
  return {
    async end() {
      ending.abort()
      await showing
    },
  }
}
