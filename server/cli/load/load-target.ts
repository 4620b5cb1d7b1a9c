/** Whether a load may begin: against whom, and whether anything real there could be touched. */

import { lookup } from 'node:dns/promises'
import { createInterface } from 'node:readline/promises'
import { z } from 'zod'
import { parseDeploymentId, type DeploymentId } from '../../address/identifiers.ts'
import { type Ipv4Address, parseIpv4Address } from '../../address/ipv4-address.ts'
import type { ApiClient } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { isMadeUp, madeUpPrefix } from './made-up-machine.ts'

export interface Named {
  /** `--against`. */
  readonly against?: string
  /** `--yes-against`: the same once more, in place of typing it. */
  readonly yesAgainst?: string
}

export interface Target {
  readonly address: Ipv4Address
  readonly isLoopback: boolean
}

/** This machine may be loaded at will; another one has to be named twice. */
export async function requireTarget({ hostname, protocol }: URL, named: Named): Promise<Target> {
  if (protocol !== 'http:')
    throw new CliError('machines boot over http, so that is what is loaded: give an http address')
  const { address: text } = await lookup(hostname, 4).catch((cause: unknown) => {
    throw new CliError(`${hostname} has no IPv4 address`, { cause })
  })
  const address = parseIpv4Address(text)
  if (address === undefined) throw new CliError(`${hostname} has no IPv4 address`)
  const isLoopback = address.startsWith('127.')
  if (!isLoopback) await requireName(hostname, named)
  return { address, isLoopback }
}

async function requireName(hostname: string, { against, yesAgainst }: Named): Promise<void> {
  const advice = `A load may keep real machines there from booting. To go on, name it: --against ${hostname}`
  if (against === undefined) throw new CliError(`${hostname} is not this machine. ${advice}`)
  if (against !== hostname) throw new CliError(`--against names ${against}, but the server is ${hostname}. ${advice}`)
  const again = yesAgainst ?? (await typed(`Type ${hostname} once more to load it: `))
  if (again !== hostname) throw new CliError(`${hostname} was not named a second time, so nothing was sent`)
}

async function typed(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await terminal.question(question)).trim()
  } finally {
    terminal.close()
  }
}

const deviceList = z.object({ items: z.array(z.looseObject({ name: z.string(), macAddresses: z.array(z.string()) })) })

/** No device of the site may have an address of ours. */
export async function requireNobodyMadeUp(client: ApiClient): Promise<void> {
  const { items } = deviceList.parse((await client.get('/devices')).fields)
  const known = items.find(({ macAddresses }) => macAddresses.some(isMadeUp))
  if (known !== undefined) {
    throw new CliError(
      `device ${known.name} of the site has an address that begins with ${madeUpPrefix}, as made-up machines have`,
    )
  }
}

const deploymentView = z.looseObject({
  purpose: z.string(),
  canary: z.unknown().optional(),
  failureAlert: z.unknown().optional(),
})

/** One that nobody must run, and that stops nothing when runs of it fail. */
export async function requireAvailable(client: ApiClient, text: string): Promise<DeploymentId> {
  const id = parseDeploymentId(text)
  if (id === undefined) throw new CliError(`${text} is no identifier of a deployment`)
  const { purpose, canary, failureAlert } = deploymentView.parse((await client.get(`/deployments/${id}`)).fields)
  if (purpose !== 'available') throw new CliError(`${id} is ${purpose}: a load only ever starts what is available`)
  if (canary !== undefined) throw new CliError(`${id} has a canary ring, which made-up failures would stop`)
  if (failureAlert !== undefined)
    throw new CliError(`${id} has an alert for failures, which made-up failures would raise`)
  return id
}
