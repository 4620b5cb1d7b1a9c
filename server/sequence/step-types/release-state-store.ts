/** Release State Store (S2-052): the capture is complete, or its restore; the store is told so. */

import { type ActionOf, defineStepType } from '../step-type.ts'

export const releaseStateStore = defineStepType({
  type: 'release-state-store',
  title: 'Release State Store',
  about: 'Tells the site that the capture, or the restore, is complete.',
  category: 'user-state',
  runsIn: 'both',
  xmlName: 'ReleaseStateStoreAction',
  inputs: ['OSDStateStorePath'],
  fields: {},
})

export type ReleaseStateStore = ActionOf<typeof releaseStateStore>
