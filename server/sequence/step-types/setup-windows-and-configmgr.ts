/** Setup Windows and ConfigMgr (S2-060, S2-061): boot loader and client; the sequence goes on in the installed system. */

import { flag, optional, reference, text } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

/** Ours: what a command line of Windows takes, with room for the rest of it. */
const installationPropertiesCharactersMax = 4_000

export const setupWindowsAndConfigMgr = defineStepType({
  type: 'setup-windows-and-configmgr',
  title: 'Setup Windows and ConfigMgr',
  about: 'Makes the applied system start, puts the client into it, and restarts there.',
  category: 'images',
  runsIn: 'boot-image',
  xmlName: 'SetupWindowsAndSMSAction',
  // S1-032: a half-made system must never be taken for a finished one.
  isFatal: true,
  fields: {
    clientPackageId: optional(
      reference('The package with the client, for Windows; Linux gets the client of the boot image.', 'package'),
    ),
    usePreProductionClient: flag(
      'Windows: the pre-production client where there is one; not from stand-alone media.',
      false,
    ),
    installationProperties: text('Properties for the installation of the client, separated by spaces.', {
      max: installationPropertiesCharactersMax,
      absent: '',
      variable: 'SMSClientInstallProperties',
    }),
  },
})

export type SetupWindowsAndConfigMgr = ActionOf<typeof setupWindowsAndConfigMgr>
