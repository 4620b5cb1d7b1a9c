/**
 * What happens when the server refuses a deployment because something that it needs is missing (S1-073, S1-074): somebody
 * who chose an available one is told and may choose again; one that started by itself ends with the error; a required one
 * is tried again for as long as the server offers it, which is until its deadline or schedule says otherwise.
 */

import { type BackOff, backOffMs } from './back-off.ts'
import type { Chosen } from './choose-deployment.ts'

export type AfterRefusal = { readonly kind: 'ask-again'; readonly afterMs: number } | { readonly kind: 'give-up' }

/** Content that is being distributed takes minutes; a site of machines must not ask all the time. */
export const requiredBackOff: BackOff = { firstMs: 10_000, mostMs: 300_000 }
/** Long enough to be read. */
const readErrorMs = 5_000

/** `random` is from 0 to 1. */
export function afterRefusal(
  { choice, wasAsked }: Pick<Extract<Chosen, { kind: 'start' }>, 'choice' | 'wasAsked'>,
  failures: number,
  random: number,
): AfterRefusal {
  if (choice.purpose === 'required') return { kind: 'ask-again', afterMs: backOffMs(requiredBackOff, failures, random) }
  return wasAsked ? { kind: 'ask-again', afterMs: readErrorMs } : { kind: 'give-up' }
}
