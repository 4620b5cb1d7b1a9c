/** What the loader of a medium tells the boot image (`mediumKernelArguments`): which medium is looked for, and whose signature counts. */

import { mediumKernelArguments, type MediumId, parseMediumId } from '../../server/contract/medium.ts'
import { type KernelCommandLine, lastArgument } from '../kernel-command-line.ts'

export interface MediumArguments {
  readonly mediumId: MediumId
  /** Of the site: 32 raw octets, base64url. Nothing is verified by it when it is none. */
  readonly siteKey: string
}

/** Undefined: this machine was not started from a medium. */
export function readMediumArguments(commandLine: KernelCommandLine): MediumArguments | undefined {
  const mediumId = parseMediumId(lastArgument(commandLine, mediumKernelArguments.medium) ?? '')
  if (mediumId === undefined) return undefined
  return { mediumId, siteKey: lastArgument(commandLine, mediumKernelArguments.siteKey) ?? '' }
}
