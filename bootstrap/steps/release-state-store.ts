/**
 * Release State Store (S2-052): the site is told that the capture is complete, and may be restored; or that the restore is,
 * and the time begins after which the store is removed. A folder of the machine's own stays: a later step removes it.
 */

import type { ReleaseStateStore } from '../../server/sequence/step-types/release-state-store.ts'
import { requirePlace } from '../state-store.ts'
import { type StepContext, type StepResult, stepSucceeded } from '../step-context.ts'

export async function releaseStateStore(_action: ReleaseStateStore, context: StepContext): Promise<StepResult> {
  const place = requirePlace(context)
  if (place.kind === 'site') await context.stateStores.release(place.storeId)
  else if (place.kind === 'none') context.output('log', 'there is no state store to release')
  else context.output('log', `/${place.path} is a folder of this machine, and stays`)
  return stepSucceeded
}
