/**
 * `full` mode's edge: asks the pool (dhcp/address-pool.ts) and does what it wants done, in order: a lease is on the disk
 * before its ACK leaves (D4-27), and a new address is asked for on the network before it is offered (D4-11).
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { MacAddress } from '../address/mac-address.ts'
import { addressInUse, answerDhcp } from '../dhcp/address-pool.ts'
import type { BootPart, DhcpAnswer } from '../dhcp/dhcp-answer.ts'
import type { DhcpClient } from '../dhcp/dhcp-client.ts'
import type { Lease } from '../dhcp/lease.ts'
import type { PoolEffect, PoolResult } from '../dhcp/pool-answer.ts'
import type { PoolSettings } from '../dhcp/pool-settings.ts'
import { createPoolState } from '../dhcp/pool-state.ts'
import { printXid } from '../wire/dhcp-summary.ts'
import type { Log } from './log-port.ts'

export interface AddressServiceOptions {
  readonly settings: PoolSettings
  readonly store: { leases(): Promise<readonly Lease[]>; saveLease(lease: Lease): Promise<void> }
  /** True: somebody answers at this address. Undefined: it is on no link of ours, so nobody can be asked. */
  readonly isInUse: (question: { address: Ipv4Address; forMachine: MacAddress }) => Promise<boolean> | undefined
  readonly count: (label: string) => void
  readonly log: Log
  readonly nowMs: () => number
}

export interface AddressService {
  /** Undefined: silence. A promise when the disk or the network has to be waited for. */
  answer(client: DhcpClient, context: AnswerContext): MaybeAnswer | Promise<MaybeAnswer>
}

export interface AnswerContext {
  readonly serverAddress: Ipv4Address
  readonly boot?: BootPart | undefined
}

type MaybeAnswer = DhcpAnswer | undefined

/** As many addresses are tried for one message as can be asked for before the machine asks again. */
const probesMax = 3
/** Once a minute is enough to say that a pool is empty. */
const exhaustionSaidEveryMs = 60_000

export async function openAddressService(options: AddressServiceOptions): Promise<AddressService> {
  const pool = createPoolState(options.settings, await options.store.leases())
  let exhaustionSaidAtMs = Number.NEGATIVE_INFINITY
  /** Undefined: nothing has to be waited for. One message changes one lease at most. */
  const perform = (effects: readonly PoolEffect[]): Promise<void> | undefined => {
    let saving: Promise<void> | undefined
    for (const effect of effects) {
      if (effect.kind === 'save-lease') saving = options.store.saveLease(effect.lease)
      if (effect.kind === 'report-conflict') reportConflict(options, effect)
      if (effect.kind === 'report-exhausted') {
        options.count('pool-exhausted')
        if (options.nowMs() - exhaustionSaidAtMs < exhaustionSaidEveryMs) continue
        exhaustionSaidAtMs = options.nowMs()
        options.log.error(
          `no address is left in ${effect.pools.join(', ')}: machines get none. Enlarge the pool or shorten the lease time`,
        )
      }
    }
    return saving
  }
  /** A machine that repeats itself meanwhile must not get the offer before the network was heard (D4-11). */
  const probing = new Map<Ipv4Address, Promise<boolean>>()
  const setAsideIfInUse = async (address: Ipv4Address, asking: Promise<boolean>): Promise<boolean> => {
    const inUse = await asking
    if (inUse) await perform(addressInUse(pool, address, options.nowMs()).effects)
    return inUse
  }
  const isInUse = (address: Ipv4Address, forMachine: MacAddress): Promise<boolean> | undefined => {
    const asked = probing.get(address)
    if (asked !== undefined) return asked
    const asking = options.isInUse({ address, forMachine })
    if (asking === undefined) return undefined
    const settled = setAsideIfInUse(address, asking).finally(() => probing.delete(address))
    probing.set(address, settled)
    return settled
  }
  const attempt = (client: DhcpClient, { serverAddress, boot }: AnswerContext): Attempt => {
    const result = answerDhcp(pool, client, { nowMs: options.nowMs(), serverAddress })
    const unsure = addressToAskFor(result, probing)
    return { client, boot, result, inUse: unsure && isInUse(unsure, client.macAddress) }
  }
  const finish = ({ client, boot, result }: Attempt): MaybeAnswer | Promise<MaybeAnswer> => {
    const saving = perform(result.effects)
    sayWhy(options.log, client, result.answer)
    const answer = withBoot(result.answer, boot)
    return saving === undefined ? answer : saving.then(() => answer)
  }
  return {
    answer(client, context) {
      const first = attempt(client, context)
      if (first.inUse === undefined) return finish(first)
      return finishWhenFree(first, () => attempt(client, context))
    },
  }

  async function finishWhenFree(first: Attempt, next: () => Attempt): Promise<MaybeAnswer> {
    let tried = first
    for (let probes = 1; (await tried.inUse) === true; probes++) {
      if (probes === probesMax) {
        options.log.warn('every address that was tried is in use by somebody else', { device: tried.client.macAddress })
        return undefined
      }
      tried = next()
    }
    return finish(tried)
  }
}

/** One address on its way to a machine. */
interface Attempt {
  readonly client: DhcpClient
  readonly boot: BootPart | undefined
  readonly result: PoolResult
  /** Undefined: there is nothing to ask, or nobody. */
  readonly inUse: Promise<boolean> | undefined
}

function addressToAskFor(
  { answer, effects }: PoolResult,
  probing: ReadonlyMap<Ipv4Address, unknown>,
): Ipv4Address | undefined {
  const probe = effects.find((effect) => effect.kind === 'probe')
  if (probe !== undefined) return probe.address
  return answer.kind === 'offer' && probing.has(answer.lease.address) ? answer.lease.address : undefined
}

function sayWhy(log: Log, client: DhcpClient, answer: PoolResult['answer']): void {
  if (answer.kind !== 'silent' && answer.kind !== 'nak') return
  const fields = { device: client.macAddress, xid: printXid(client.packet) }
  if (answer.kind === 'nak') log.info(`${client.messageType} is refused: ${answer.reason}`, fields)
  else log.debug(`${client.messageType} gets no answer: ${answer.reason}`, fields)
}

function withBoot(answer: PoolResult['answer'], boot: BootPart | undefined): DhcpAnswer | undefined {
  if (answer.kind === 'silent') return undefined
  return answer.kind === 'nak' || boot === undefined ? answer : { ...answer, boot }
}

function reportConflict(
  { count, log }: AddressServiceOptions,
  effect: { address: Ipv4Address; macAddress: MacAddress; how: string },
): void {
  count('address-conflict')
  log.warn(`${effect.address} is in use by somebody who does not have it from us (${effect.how}); it is set aside`, {
    device: effect.macAddress,
  })
}
