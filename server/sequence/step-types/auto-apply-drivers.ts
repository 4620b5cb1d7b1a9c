/** Auto Apply Drivers (S2-068): the site finds the drivers that fit the machine. */

import { list, text, wholeNumber, word } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

/** Ours: categories of drivers. */
const categoriesMax = 64

const timeoutSecondsMax = 3_600

const match = word('best takes the best driver of each device; all takes every one that fits.', ['best', 'all'], {
  absent: 'best',
  variable: 'OSDAutoApplyDriverBestMatch',
})

export const autoApplyDrivers = defineStepType({
  type: 'auto-apply-drivers',
  title: 'Auto Apply Drivers',
  about: 'Puts the drivers into the applied system that the site has for this machine and its devices.',
  category: 'drivers',
  runsIn: 'boot-image',
  xmlName: 'AutoApplyAction',
  inputs: ['SMSTSDriverRequestResolveTimeOut', 'SMSTSDriverRequestConnectTimeOut', 'SMSTSDriverRequestSendTimeOut'],
  fields: {
    // S2-068: the variable says true or false.
    match: {
      ...match,
      fromText: (value: string) =>
        ({ true: 'best', false: 'all' })[value.trim().toLowerCase()] ?? match.fromText(value),
    },
    categories: list('Only drivers of these categories; none: of all.', text('A category.', { max: 255 }), {
      min: 0,
      max: categoriesMax,
      absent: [],
      variable: 'OSDAutoApplyDriverCategoryList',
    }),
    requestTimeoutSeconds: wholeNumber('Kept for sequences brought over: the site answers when the run starts.', {
      min: 1,
      max: timeoutSecondsMax,
      absent: 480,
      variable: 'SMSTSDriverRequestReceiveTimeOut',
    }),
  },
})

export type AutoApplyDrivers = ActionOf<typeof autoApplyDrivers>
