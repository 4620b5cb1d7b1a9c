/** Prepare ConfigMgr Client for Capture (S2-062): no machine made from the image is taken for this one. */

import { type ActionOf, defineStepType } from '../step-type.ts'

/** `remove`: the captured image holds no client at all, because this run brought it there (build and capture). */
export const clientInImageVariable = 'OSDClientInImage'

export const prepareConfigMgrClientForCapture = defineStepType({
  type: 'prepare-configmgr-client-for-capture',
  title: 'Prepare ConfigMgr Client for Capture',
  about: "Removes the client's identity and state; in a build and capture the image will hold no client.",
  category: 'images',
  runsIn: 'installed-system',
  xmlName: 'PrepareSMSClientAction',
  outputs: [clientInImageVariable],
  fields: {},
})

export type PrepareConfigMgrClientForCapture = ActionOf<typeof prepareConfigMgrClientForCapture>
