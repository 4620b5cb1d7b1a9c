/** Install Software Updates (S2-038, S2-039); on Linux those that the system's own package sources offer. */

import { flag, wholeNumber, word } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { retryUnexpectedRestarts } from './retry-unexpected-restarts.ts'

export const installSoftwareUpdates = defineStepType({
  type: 'install-software-updates',
  title: 'Install Software Updates',
  about: 'Brings the installed system up to date, and asks for a restart when that needs one.',
  category: 'software',
  runsIn: 'installed-system',
  xmlName: 'InstallUpdateAction',
  withoutDeployment: true,
  fields: {
    target: word('All updates, or on Linux only those of the security sources.', ['mandatory', 'all'], {
      absent: 'mandatory',
      variable: 'SMSInstallUpdateTarget',
    }),
    useCachedScan: flag('Uses the lists of updates that are there; they are fetched when there are none.', true),
    scanTimeoutSeconds: wholeNumber('How long fetching the lists may take.', {
      min: 1,
      max: 59_940,
      absent: 3_600,
      variable: 'SMSTSSoftwareUpdateScanTimeout',
    }),
    retryUnexpectedRestarts: retryUnexpectedRestarts(),
  },
})

export type InstallSoftwareUpdates = ActionOf<typeof installSoftwareUpdates>
