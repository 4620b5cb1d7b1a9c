/**
 * The answer to "what does this machine boot now, and why?". A "no" is an answer too, with its reason.
 * All doors (DHCP, port 4011, iPXE script, UEFI HTTP boot, boot-preview) get the same one.
 */

import type { BootImage } from '../site/boot-image.ts'
import type { Deployment } from '../site/deployment.ts'
import type { DeviceId } from '../address/identifiers.ts'
import type { Rejection } from './boot-facts.ts'

export type BootDecision = Boot | ContinueToLocalDisk | Ignore

interface Explained {
  readonly reason: string
  readonly rejected: readonly Rejection[]
  /** The record the client was matched with; absent for an unknown computer. */
  readonly deviceId?: DeviceId
}

export interface Boot extends Explained {
  readonly kind: 'boot'
  readonly bootImage: BootImage
  /** The deployment that decided; a best guess until the agent asks (S6-034). */
  readonly deployment: Deployment
  /** Present for available deployments: a key must be pressed in time, else the next boot device. */
  readonly prompt?: { readonly seconds: number }
}

/**
 * Nothing to do: silence over proxyDHCP, no boot file in full mode, `exit` in a script. Only a mistake of the site that the
 * person at the machine should read of is worth a loader (`shownBy`).
 */
export interface ContinueToLocalDisk extends Explained {
  readonly kind: 'continue-to-local-disk'
  /** What the machine's screen may say instead of the reason; a plain sentence when absent (security A07). */
  readonly publicText?: string
  /** Its loader shows `publicText` on the screen before the machine goes on; absent: nothing is sent. */
  readonly shownBy?: BootImage
}

/** Never answered: ignore list, paused responder, an architecture nobody here can serve. */
export interface Ignore extends Explained {
  readonly kind: 'ignore'
}
