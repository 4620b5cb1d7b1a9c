/** Task sequence x collection: who may or must run it, and from where it can be started. */

import type { CollectionId, DeploymentId, PackageId } from '../address/identifiers.ts'
import type { Editor } from './edit-lock.ts'
import type { ClientSchedule } from './client-schedule.ts'
import type { DeploymentOptions } from './deployment-options.ts'

export const Purpose = { available: 'available', required: 'required' } as const
export type Purpose = (typeof Purpose)[keyof typeof Purpose]

/** The four published values (S5: purpose and "make available to"). */
export const MakeAvailableTo = {
  clients: 'clients',
  clientsMediaAndPxe: 'clients-media-and-pxe',
  mediaAndPxe: 'media-and-pxe',
  mediaAndPxeHidden: 'media-and-pxe-hidden',
} as const
export type MakeAvailableTo = (typeof MakeAvailableTo)[keyof typeof MakeAvailableTo]

/** The first machines that start it, and how many of them may fail before it starts nowhere any more (targeting/canary.ts). */
export interface Canary {
  readonly machines: number
  readonly failuresMax: number
}

/** Each machine of it is known whenever a boot is decided. */
export const canaryMachinesMax = 100

export interface Deployment extends DeploymentOptions {
  readonly id: DeploymentId
  readonly taskSequenceId: PackageId
  readonly collectionId: CollectionId
  readonly purpose: Purpose
  readonly makeAvailableTo: MakeAvailableTo
  readonly comment: string
  /** False suspends it without deleting it. */
  readonly enabled: boolean
  /** Milliseconds since the epoch; a client in its installed system is offered nothing earlier. */
  readonly availableAtMs: number
  /** Nor from this instant on. */
  readonly expiresAtMs?: number
  /**
   * A machine that starts in the boot image, over PXE or from media, obeys no schedule (S5-022). True: of this deployment it
   * does, so that both instants hold at every door. A choice of this site; the source system has none.
   */
  readonly obeyScheduleInBootImage: boolean
  /** Who accepted that its collection had more members than is usual when it was made (S5-041); absent: nobody had to. */
  readonly riskAcceptedBy?: string
  /** It starts nowhere until somebody else has approved it; absent: nobody has to. */
  readonly secondApproval?: SecondApproval
  /** Of a required one on clients (S5-019, S5-024). */
  readonly clientSchedule: ClientSchedule
  /** Absent: every machine may start it at once. */
  readonly canary?: Canary
  /** It is required of machines that are well, too (targeting/healthy-machine.ts). */
  readonly reinstallHealthy?: true
  readonly createdAtMs: number
  readonly revision: number
}

export interface SecondApproval {
  readonly askedBy: Editor
  /** Absent: it is awaited. */
  readonly approvedBy?: string
}

export function isForMediaAndPxe(value: MakeAvailableTo): boolean {
  return value !== MakeAvailableTo.clients
}

export function isForClients(value: MakeAvailableTo): boolean {
  return value === MakeAvailableTo.clients || value === MakeAvailableTo.clientsMediaAndPxe
}

export function isHidden(value: MakeAvailableTo): boolean {
  return value === MakeAvailableTo.mediaAndPxeHidden
}
