/**
 * A whole transfer between the engine and a client model over a bad network, in simulated time: the clock jumps from
 * event to event. The client acknowledges as RFC 7440 says; each DATA carries its true index besides its number, so
 * that a block taken for another is noticed.
 */

import { assert } from '../../server/assert.ts'
import { blockNumber } from '../../server/tftp/block-number.ts'
import type { Negotiated } from '../../server/tftp/negotiate.ts'
import { advanceTransfer, startTransfer } from '../../server/tftp/transfer.ts'
import type { TransferOutcome, TransferStep } from '../../server/tftp/transfer.ts'
import type { Faults } from './lossy-relay.ts'
import { seededRandom } from '../../scripts/lab/seeded-random.ts'

export interface Simulated {
  readonly fileBytes: number
  readonly blockBytes?: number
  readonly windowBlocks?: number
  readonly blockAfterWrap?: 0 | 1
  readonly options?: boolean
  /** Both ways. `delayMs` is half a round trip; reordering adds up to three of it. */
  readonly faults?: Faults
  readonly seed?: number
  /** Acknowledges every block that is out of order (performance.md 6.9). */
  readonly chatty?: boolean
  /** The client is gone after this many blocks, without a word. */
  readonly leavesAfterBlocks?: number
  readonly losesLastAcknowledgements?: boolean
}

export interface Outcome {
  readonly outcome: TransferOutcome | undefined
  readonly blocksArrived: number
  readonly blocksSent: number
  readonly lastBlock: number
  readonly elapsedMs: number
  /** When each packet was sent, blocks and OACKs alike. */
  readonly sentAtMs: readonly number[]
  readonly mostInFlight: number
}

type Packet =
  | { readonly to: 'client'; readonly kind: 'data'; readonly index: number }
  | { readonly to: 'client'; readonly kind: 'option-acknowledgement' }
  | { readonly to: 'server'; readonly kind: 'acknowledgement'; readonly block: number }
  | { readonly to: 'client'; readonly kind: 'client-timer'; readonly turn: number }

/** Firmware repeats itself after a second or more. */
const clientRetryMs = 1_000
const eventsMax = 20_000_000

export function simulate(simulated: Simulated): Outcome {
  return new Simulation(simulated).run()
}

class Simulation {
  readonly #how: Simulated
  readonly #random: () => number
  readonly #queue: { readonly atMs: number; readonly packet: Packet }[] = []
  readonly #sentAtMs: number[] = []
  readonly #terms: Negotiated
  #nowMs = 0
  #step: TransferStep
  #outcome: TransferOutcome | undefined
  #blocksSent = 0
  #mostInFlight = 0
  #arrived = 0
  #started = false
  #sinceAcknowledged = 0
  #gapTold = false
  #finished = false
  #turn = 0

  constructor(how: Simulated) {
    this.#how = how
    this.#random = seededRandom(how.seed ?? 1)
    this.#terms = {
      blockBytes: how.blockBytes ?? 512,
      windowBlocks: how.windowBlocks ?? 1,
      acknowledged: how.options === false ? [] : [{ name: 'tsize', value: String(how.fileBytes) }],
    }
    this.#step = startTransfer(this.#terms, { bytes: how.fileBytes, blockAfterWrap: how.blockAfterWrap ?? 0 }, 0)
  }

  run(): Outcome {
    this.#perform()
    for (let events = 0; this.#outcome === undefined; events++) {
      assert(events < eventsMax, 'the transfer ends')
      const next = this.#queue[0]
      if (next !== undefined && next.atMs <= this.#step.wakeAtMs) {
        this.#queue.shift()
        this.#nowMs = next.atMs
        this.#deliver(next.packet)
      } else {
        this.#nowMs = this.#step.wakeAtMs
        this.#advance({ kind: 'wake' })
      }
    }
    return {
      outcome: this.#outcome,
      blocksArrived: this.#arrived,
      blocksSent: this.#blocksSent,
      lastBlock: this.#step.transfer.lastBlock,
      elapsedMs: this.#nowMs,
      sentAtMs: this.#sentAtMs,
      mostInFlight: this.#mostInFlight,
    }
  }

  #advance(event: Parameters<typeof advanceTransfer>[1]): void {
    this.#step = advanceTransfer(this.#step.transfer, event, this.#nowMs)
    this.#perform()
  }

  #perform(): void {
    for (const effect of this.#step.effects) {
      if (effect.kind === 'end') this.#outcome = effect.outcome
      if (effect.kind === 'send-option-acknowledgement') this.#send({ to: 'client', kind: 'option-acknowledgement' })
      if (effect.kind !== 'send-blocks') continue
      this.#mostInFlight = Math.max(this.#mostInFlight, effect.count)
      for (let index = effect.first; index < effect.first + effect.count; index++) {
        this.#blocksSent++
        this.#send({ to: 'client', kind: 'data', index })
      }
    }
  }

  #send(packet: Packet): void {
    const { loss = 0, duplicate = 0, reorder = 0, delayMs = 0.05 } = this.#how.faults ?? {}
    if (packet.to === 'client') this.#sentAtMs.push(this.#nowMs)
    const random = this.#random
    if (random() < loss) return
    this.#schedule(packet, delayMs + (random() < reorder ? delayMs * 3 * random() : 0))
    if (random() < duplicate) this.#schedule(packet, delayMs * (1 + random()))
  }

  #schedule(packet: Packet, afterMs: number): void {
    const atMs = this.#nowMs + afterMs
    let place = this.#queue.length
    while (place > 0 && (this.#queue[place - 1]?.atMs ?? 0) > atMs) place--
    this.#queue.splice(place, 0, { atMs, packet })
  }

  #deliver(packet: Packet): void {
    if (packet.to === 'server') return this.#advance(packet)
    if (this.#arrived >= (this.#how.leavesAfterBlocks ?? Number.POSITIVE_INFINITY)) return
    switch (packet.kind) {
      case 'client-timer':
        if (packet.turn !== this.#turn || this.#finished) return
        this.#gapTold = false
        return this.#acknowledge()
      case 'option-acknowledgement':
        this.#started = true
        if (this.#arrived === 0) this.#acknowledge()
        return
      default:
        return this.#data(packet.index)
    }
  }

  #data(index: number): void {
    this.#started = true
    const number = blockNumber(index, this.#how.blockAfterWrap ?? 0)
    if (number !== blockNumber(this.#arrived + 1, this.#how.blockAfterWrap ?? 0)) {
      if (!this.#gapTold || this.#how.chatty === true) this.#acknowledge()
      this.#gapTold = true
      return
    }
    assert(index === this.#arrived + 1, 'a block is taken for what it is')
    this.#gapTold = false
    this.#arrived = index
    this.#sinceAcknowledged++
    this.#finished = index === this.#step.transfer.lastBlock
    if (this.#finished || this.#sinceAcknowledged >= this.#terms.windowBlocks) this.#acknowledge()
  }

  #acknowledge(): void {
    this.#sinceAcknowledged = 0
    this.#turn++
    this.#schedule({ to: 'client', kind: 'client-timer', turn: this.#turn }, clientRetryMs)
    if (!this.#started || (this.#finished && this.#how.losesLastAcknowledgements === true)) return
    this.#send({
      to: 'server',
      kind: 'acknowledgement',
      block: blockNumber(this.#arrived, this.#how.blockAfterWrap ?? 0),
    })
  }
}
