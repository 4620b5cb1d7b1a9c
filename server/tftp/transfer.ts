/**
 * One read transfer as a state machine (RFC 1350, 2347, 7440; timing by RFC 1123 section 4.2.3 and RFC 6298 in spirit):
 * given an event and the time, it returns what to send. Blocks are named by index, so no file passes through here.
 *
 *     start ──> negotiating ──ACK 0──> sending ──ACK of the last block──> ended
 *        └────────(no options)───────────┘  any of them ──ERROR, or no progress──> ended
 *
 * Does not know addresses, ports or octets. A transfer that ended answers every event with nothing.
 */

import type { Negotiated } from './negotiate.ts'
import { blocksBeyond } from './block-number.ts'

export type TransferEvent =
  | { readonly kind: 'acknowledgement'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number }
  | { readonly kind: 'wake' }

export type TransferEffect =
  | { readonly kind: 'send-option-acknowledgement' }
  | { readonly kind: 'send-blocks'; readonly first: number; readonly count: number }
  | { readonly kind: 'end'; readonly outcome: TransferOutcome }

export type TransferOutcome =
  | 'completed'
  /** Everything was sent, only the last acknowledgement is missing; many clients leave without it (TF-30). */
  | 'completed-unconfirmed'
  /** The client looked at the size or the options and left (T01, T02): everyday business. */
  | 'declined'
  | 'aborted-by-client'
  /** Not one valid acknowledgement came: a client that went away, or a forged source. */
  | 'never-started'
  | 'gave-up'

export interface Transfer {
  readonly phase: 'negotiating' | 'sending' | 'ended'
  readonly lastBlock: number
  readonly windowBlocks: number
  readonly timeoutMsMax: number
  readonly blockAfterWrap: 0 | 1
  /** The client has shown that it receives what we send to its address (C09). */
  readonly validated: boolean
  /** All blocks up to this one have arrived. */
  readonly acknowledged: number
  /** Blocks above `acknowledged` up to this one are in flight. */
  readonly sent: number
  /** The highest block ever sent. */
  readonly highest: number
  /** Blocks above this one were sent once: only their acknowledgement measures a round trip (Karn). */
  readonly freshAbove: number
  /** No block of the present window was sent before. */
  readonly clean: boolean
  readonly windowSentAtMs: number
  readonly resentAtMs: number
  readonly progressAtMs: number
  readonly roundTripMs: number | undefined
  /** Doubles with each timeout, until a round trip is measured again (Karn). */
  readonly backoff: number
  readonly timeouts: number
  /** How many more resends repeated acknowledgements may cause. */
  readonly repeatsLeft: number
  readonly wakeAtMs: number
}

export interface TransferStep {
  readonly transfer: Transfer
  readonly effects: readonly TransferEffect[]
  /** When a `wake` event is due unless something else happens first. */
  readonly wakeAtMs: number
}

/** Before a round trip has been measured. Firmware asks again after 1 to 4 seconds. */
const firstTimeoutMs = 500
/** Under it the clock of a busy client would cause resends. */
const timeoutMsLeast = 15
const timeoutMsMost = 5_000
/** A forged source costs the victim two packets and no more (C09). */
const unvalidatedSendsMax = 2
const halfOpenMs = 8_000
/** Firmware that writes to slow memory goes silent for seconds; peers give up after 20 to 31 s. */
const giveUpMs = 25_000
/** A client that has everything often leaves without the last acknowledgement; then waiting helps nobody. */
const finalTimeoutsMax = 6
/** Each window that arrives whole at once earns one back. Some clients acknowledge every block out of order (1.7 MB became 20 GB). */
const repeatsMax = 16
/** Repeated acknowledgements on a link without measurable delay. */
const repeatMsLeast = 1

const nothing: readonly TransferEffect[] = []

export function startTransfer(
  terms: Negotiated,
  file: { readonly bytes: number; readonly blockAfterWrap: 0 | 1 },
  nowMs: number,
): TransferStep {
  const negotiating = terms.acknowledged.length > 0
  const transfer: Transfer = {
    phase: negotiating ? 'negotiating' : 'sending',
    lastBlock: Math.floor(file.bytes / terms.blockBytes) + 1,
    windowBlocks: terms.windowBlocks,
    timeoutMsMax: terms.timeoutMs ?? timeoutMsMost,
    blockAfterWrap: file.blockAfterWrap,
    validated: false,
    acknowledged: 0,
    sent: 0,
    highest: 0,
    freshAbove: -1,
    clean: true,
    windowSentAtMs: nowMs,
    resentAtMs: Number.NEGATIVE_INFINITY,
    progressAtMs: nowMs,
    roundTripMs: undefined,
    backoff: 1,
    timeouts: 0,
    repeatsLeft: repeatsMax,
    wakeAtMs: nowMs + firstTimeoutMs,
  }
  return negotiating ? step(transfer, [{ kind: 'send-option-acknowledgement' }]) : sendWindow(transfer, nowMs)
}

export function advanceTransfer(transfer: Transfer, event: TransferEvent, nowMs: number): TransferStep {
  if (transfer.phase === 'ended') return step(transfer, nothing)
  switch (event.kind) {
    case 'acknowledgement':
      return acknowledge(transfer, event.block, nowMs)
    case 'error':
      return end(transfer, transfer.acknowledged === 0 ? 'declined' : 'aborted-by-client')
    case 'wake':
      return nowMs < transfer.wakeAtMs ? step(transfer, nothing) : timeOut(transfer, nowMs)
    default:
      return event satisfies never
  }
}

function acknowledge(transfer: Transfer, block: number, nowMs: number): TransferStep {
  if (transfer.phase === 'negotiating') {
    if (block !== 0) return step(transfer, nothing)
    return sendWindow(progress(transfer, 0, nowMs), nowMs)
  }
  const beyond = blocksBeyond(transfer.acknowledged, block, transfer.blockAfterWrap)
  // Old, or of a block that was not sent yet (TF-25).
  if (beyond > transfer.sent - transfer.acknowledged) return step(transfer, nothing)
  if (beyond === 0) return repeat(transfer, nowMs)
  const moved = progress(transfer, transfer.acknowledged + beyond, nowMs)
  if (moved.acknowledged === moved.lastBlock) return end(moved, 'completed')
  if (moved.acknowledged === moved.sent) return sendWindow(moved, nowMs)
  return fillGap(moved, nowMs)
}

/**
 * The sender restarts behind the last block that arrived (RFC 7440 section 4, TF-38). In a window that was sent twice
 * in part, the client may only have answered the second copies; if each such answer sent a window, the copies would
 * never end. There it happens once a round trip, within the budget, and otherwise the window only slides.
 */
function fillGap(transfer: Transfer, nowMs: number): TransferStep {
  if (transfer.clean) return sendWindow({ ...transfer, resentAtMs: nowMs }, nowMs)
  return resend(transfer, nowMs) ?? slide(transfer, nowMs)
}

/**
 * Blocks that were never sent, and no copies. A client that counts its window from another block than we do waits for them:
 * without them both would wait for a time-out, twice in each window and to the end of the file.
 */
function slide(transfer: Transfer, nowMs: number): TransferStep {
  const { acknowledged, windowBlocks, lastBlock, highest } = transfer
  const sent = Math.min(acknowledged + windowBlocks, lastBlock)
  const waiting = { ...transfer, wakeAtMs: nowMs + timeoutMs(transfer) }
  if (sent <= highest) return step(waiting, nothing)
  const sliding = { ...waiting, sent, highest: sent, freshAbove: highest, windowSentAtMs: nowMs }
  return step(sliding, [{ kind: 'send-blocks', first: highest + 1, count: sent - highest }])
}

/**
 * The same block acknowledged again. In lock step that never causes a resend (RFC 1123 section 4.2.3.1). In a window
 * it says that the first block was lost, unless it is a copy.
 */
function repeat(transfer: Transfer, nowMs: number): TransferStep {
  const copy = nowMs - transfer.windowSentAtMs < (transfer.roundTripMs ?? 0) / 2
  if (transfer.windowBlocks === 1 || copy) return step(transfer, nothing)
  return resend(transfer, nowMs) ?? step(transfer, nothing)
}

function resend(transfer: Transfer, nowMs: number): TransferStep | undefined {
  const sinceMs = nowMs - transfer.resentAtMs
  if (sinceMs < Math.max(repeatMsLeast, transfer.roundTripMs ?? 0) || transfer.repeatsLeft === 0) return undefined
  return sendWindow({ ...transfer, repeatsLeft: transfer.repeatsLeft - 1, resentAtMs: nowMs }, nowMs)
}

function timeOut(transfer: Transfer, nowMs: number): TransferStep {
  if (!transfer.validated) return timeOutUnvalidated(transfer, nowMs)
  if (transfer.sent === transfer.lastBlock && transfer.timeouts >= finalTimeoutsMax) {
    return end(transfer, 'completed-unconfirmed')
  }
  if (nowMs - transfer.progressAtMs >= giveUpMs) return end(transfer, 'gave-up')
  const backoff = transfer.backoff * 2
  return sendWindow({ ...transfer, backoff, timeouts: transfer.timeouts + 1 }, nowMs)
}

function timeOutUnvalidated(transfer: Transfer, nowMs: number): TransferStep {
  const sends = transfer.timeouts + 1
  if (sends >= unvalidatedSendsMax) return end(transfer, 'never-started')
  const waiting = {
    ...transfer,
    timeouts: sends,
    freshAbove: transfer.sent,
    wakeAtMs: nowMs + halfOpenMs - firstTimeoutMs,
  }
  if (waiting.phase === 'negotiating') return step(waiting, [{ kind: 'send-option-acknowledgement' }])
  return step(waiting, [{ kind: 'send-blocks', first: 1, count: waiting.sent }])
}

/**
 * Notes what arrived and measures the round trip by a block that was sent once. A window of which only a part arrived
 * has met loss, not a timeout that is too short: the longer timeout ends there as well.
 */
function progress(transfer: Transfer, acknowledged: number, nowMs: number): Transfer {
  const earned = transfer.clean && acknowledged === transfer.sent
  const isMeasured = acknowledged > transfer.freshAbove
  return {
    ...transfer,
    phase: 'sending',
    validated: true,
    acknowledged,
    progressAtMs: nowMs,
    timeouts: 0,
    repeatsLeft: earned ? Math.min(repeatsMax, transfer.repeatsLeft + 1) : transfer.repeatsLeft,
    backoff: isMeasured || acknowledged < transfer.sent ? 1 : transfer.backoff,
    roundTripMs: isMeasured ? smoothed(transfer.roundTripMs, nowMs - transfer.windowSentAtMs) : transfer.roundTripMs,
  }
}

function smoothed(roundTripMs: number | undefined, sampleMs: number): number {
  return roundTripMs === undefined ? sampleMs : roundTripMs + (sampleMs - roundTripMs) / 8
}

function sendWindow(transfer: Transfer, nowMs: number): TransferStep {
  const first = transfer.acknowledged + 1
  const count = Math.min(transfer.windowBlocks, transfer.lastBlock - transfer.acknowledged)
  const sent = transfer.acknowledged + count
  const sending: Transfer = {
    ...transfer,
    sent,
    highest: Math.max(transfer.highest, sent),
    freshAbove: transfer.highest,
    clean: first > transfer.highest,
    windowSentAtMs: nowMs,
    wakeAtMs: nowMs + timeoutMs(transfer),
  }
  return step(sending, [{ kind: 'send-blocks', first, count }])
}

/** Three times the smoothed round trip, doubled with each timeout (TF-27), never over 5 s or the `timeout` option. */
function timeoutMs({ roundTripMs, backoff, timeoutMsMax }: Transfer): number {
  const adaptiveMs = roundTripMs === undefined ? firstTimeoutMs : Math.max(timeoutMsLeast, 3 * roundTripMs)
  return Math.min(adaptiveMs * backoff, timeoutMsMax)
}

function end(transfer: Transfer, outcome: TransferOutcome): TransferStep {
  const ended: Transfer = { ...transfer, phase: 'ended', wakeAtMs: Number.POSITIVE_INFINITY }
  return step(ended, [{ kind: 'end', outcome }])
}

function step(transfer: Transfer, effects: readonly TransferEffect[]): TransferStep {
  return { transfer, effects, wakeAtMs: transfer.wakeAtMs }
}
