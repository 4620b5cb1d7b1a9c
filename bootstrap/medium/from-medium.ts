/** A machine that was started from a medium, once all that is asked before its site is known. */

import type { Variable } from '../../server/sequence/environment.ts'
import type { PolicyVariable } from '../../server/contract/agent.ts'
import { publishedMediaTypes, type SealedContents } from '../../server/contract/medium.ts'
import type { NetworkSettings } from '../network.ts'
import type { MountedMedium } from './mounted-medium.ts'

export interface FromMedium {
  readonly medium: MountedMedium
  readonly contents: SealedContents
  /** Variables of the prestart command. */
  readonly given: readonly PolicyVariable[]
  readonly network?: NetworkSettings
  /** Of the machine, which the medium brought about (prestaged-start.ts). */
  readonly ofMachine: readonly Variable[]
  /** Waits until somebody takes the medium away; at once for one that is part of the machine. */
  readonly awaitRemoval: () => Promise<void>
}

/** S7-032, S7-035. */
export interface MediumStartVariables {
  readonly mediaType: string
  readonly launchMode: string
}

export function startVariablesOf({ medium }: Pick<FromMedium, 'medium'>): MediumStartVariables {
  return { mediaType: publishedMediaTypes[medium.manifest.kind], launchMode: medium.launchMode }
}
