/**
 * What happens when the server refuses a deployment because something that it needs is missing (S1-073, S1-074): somebody
 * who chose an available one is told and may choose again; one that started by itself ends with the error; a required one
 * is tried again for as long as the server offers it, which is until its deadline or schedule says otherwise.
 */

import { type BackOff, backOffMs } from './back-off.ts'
import type { Chosen } from './choose-deployment.ts'
import type { FaultKind } from './fault.ts'

export type AfterRefusal = { readonly kind: 'ask-again'; readonly afterMs: number } | { readonly kind: 'give-up' }

export interface RefusalWaits {
  /** Before a required deployment is tried again. */
  readonly required: BackOff
  /** Before somebody who chose may choose again. */
  readonly readErrorMs: number
}

/**
 * Content that is being distributed takes minutes, and a site of machines must not ask all the time; an error has to stand
 * long enough to be read.
 */
export const refusalWaits: RefusalWaits = { required: { firstMs: 10_000, mostMs: 300_000 }, readErrorMs: 5_000 }

export interface Refusals {
  readonly kind: FaultKind
  readonly failures: number
  /** From 0 to 1. */
  readonly random: number
  readonly waits: RefusalWaits
}

export function afterRefusal(
  { choice, wasAsked }: Pick<Extract<Chosen, { kind: 'start' }>, 'choice' | 'wasAsked'>,
  { kind, failures, random, waits }: Refusals,
): AfterRefusal {
  // What it was told a moment before is no longer so: the server says what is, and the machine waits for its turn if it must.
  const hasChanged = kind === 'not-armed' && !wasAsked
  if (choice.purpose === 'required' || hasChanged) {
    return { kind: 'ask-again', afterMs: backOffMs(waits.required, failures, random) }
  }
  return wasAsked ? { kind: 'ask-again', afterMs: waits.readErrorMs } : { kind: 'give-up' }
}
