/**
 * Driver packages for an applied Windows (S2-069). Its image is not serviced from the boot image, which has no DISM: the
 * files are put onto its drive, and its own setup takes all of them in when it starts first (`pnputil`). A driver that
 * Windows needs to find its disk has to be in the image already. Pure.
 */

import type { ApplyDriverPackage } from '../server/sequence/step-types/apply-driver-package.ts'
import type { Answers } from './answers.ts'

/** On the drive of Windows; a folder for each package below. */
export const windowsDriversFolder = 'Drivers/Reveille'

/** One command for all packages, however often a step says it. */
export const windowsDriverAnswers: Answers = {
  pass: 'specialize',
  component: 'Microsoft-Windows-Deployment',
  settings: {
    RunSynchronous: {
      RunSynchronousCommand: [
        {
          Description: 'Reveille: drivers',
          // Ours; others of an answer file keep theirs.
          Order: '500',
          Path: 'cmd.exe /c pnputil.exe /add-driver "%SystemDrive%\\Drivers\\Reveille\\*.inf" /subdirs /install',
        },
      ],
    },
  },
}

/** What an agent in Windows PE runs instead; `image` is the drive of the applied Windows. */
export function dismCommandLine(
  { recurse, additionalOptions }: Pick<ApplyDriverPackage, 'recurse' | 'additionalOptions'>,
  { image, folder }: { readonly image: string; readonly folder: string },
): string {
  const quoted = (path: string): string => `"${path.replaceAll('"', '').replace(/\\+$/, '')}"`
  // The root of a drive keeps its backslash, which a quote behind it would lose.
  const words = ['dism.exe', `/Image:${image.replace(/\\+$/, '')}\\`, '/Add-Driver', `/Driver:${quoted(folder)}`]
  const more = recurse ? ['/Recurse', ...(additionalOptions.trim() === '' ? [] : [additionalOptions.trim()])] : []
  return [...words, ...more].join(' ')
}
