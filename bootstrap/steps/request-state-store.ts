/**
 * Request State Store (S2-049): the site makes a store for this run, or finds the one that was captured for this
 * computer, and its place is put into OSDStateStorePath. A folder that the variable names already is left as it is. A
 * computer of which nothing was ever captured has nothing to restore, and that is no failure. A run that has begun to
 * capture restores what it captured itself, or fails: the site knows of a store that it made, and here it is known whether
 * one was asked for in vain.
 */

import type { RequestStateStore } from '../../server/sequence/step-types/request-state-store.ts'
import { stateStorePathVariable } from '../../server/sequence/step-types/state-store-path.ts'
import { pause } from '../back-off.ts'
import { Fault } from '../fault.ts'
import { hasBegunCapture, namesSiteStore, nothingToRestore, ownCaptureLost, printSiteStore } from '../state-store.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded, variable } from '../step-context.ts'

export async function requestStateStore(action: RequestStateStore, context: StepContext): Promise<StepResult> {
  if (context.variable(stateStorePathVariable).startsWith('/')) {
    context.output('log', `${stateStorePathVariable} names a folder of this machine, so the site is not asked`)
    return stepSucceeded
  }
  if (action.purpose === 'restore' && hasBegunCapture(context) && !namesSiteStore(context)) {
    throw new StepFailed(ownCaptureLost)
  }
  for (let tries = 0; ; tries += 1) {
    try {
      const storeId = await context.stateStores.request(action.purpose)
      if (storeId === undefined) context.output('log', nothingToRestore)
      return { ...stepSucceeded, variables: [variable(stateStorePathVariable, printSiteStore(storeId))] }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (tries >= action.retries) throw new StepFailed(`the site gives no state store: ${error.message}`)
      context.output('log', `${error.message}; asking again in ${action.retryDelaySeconds} s`)
      await pause(action.retryDelaySeconds * 1_000, context.signal)
    }
  }
}
