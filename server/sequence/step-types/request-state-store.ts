/** Request State Store (S2-049): asks the site for the folder that user state is captured to, or restored from. */

import { flag, wholeNumber, word } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

export const requestStateStore = defineStepType({
  type: 'request-state-store',
  title: 'Request State Store',
  about: 'Asks the site for a state store and puts its place into OSDStateStorePath.',
  category: 'user-state',
  runsIn: 'both',
  xmlName: 'RequestStateStoreAction',
  outputs: ['OSDStateStorePath'],
  fields: {
    purpose: word('capture keeps the state of this computer; restore gives back what was captured for it.', [
      'capture',
      'restore',
    ]),
    retries: wholeNumber('How often the request is made again when it fails.', {
      min: 0,
      max: 600,
      absent: 0,
      variable: 'OSDStateSMPRetryCount',
    }),
    retryDelaySeconds: wholeNumber('The pause before each of them.', {
      min: 0,
      max: 3_600,
      absent: 0,
      variable: 'OSDStateSMPRetryTime',
    }),
    fallbackToNetworkAccessAccount: flag(
      'Kept for sequences brought over: the run has a key of its own here, and needs no account.',
      false,
      'OSDStateFallbackToNAA',
    ),
  },
})

export type RequestStateStore = ActionOf<typeof requestStateStore>
