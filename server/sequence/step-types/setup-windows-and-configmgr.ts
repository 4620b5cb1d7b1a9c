/** Setup Windows and ConfigMgr (S2-060, S2-061): boot loader and client; the sequence goes on in the installed system. */

import { type ActionOf, defineStepType } from '../step-type.ts'

export const setupWindowsAndConfigMgr = defineStepType({
  type: 'setup-windows-and-configmgr',
  title: 'Setup Windows and ConfigMgr',
  about: 'Makes the applied system start, puts the client into it, and restarts there.',
  category: 'images',
  runsIn: 'boot-image',
  xmlName: 'SetupWindowsAndConfigMgrAction',
  // S1-032: a half-made system must never be taken for a finished one.
  isFatal: true,
  fields: {},
})

export type SetupWindowsAndConfigMgr = ActionOf<typeof setupWindowsAndConfigMgr>
