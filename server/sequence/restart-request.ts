/**
 * Whether an action that succeeded wants a restart, where to, and whether it runs again afterwards (S1-039 to S1-041).
 *
 * `SMSTSRebootRequested` decides where: `HD`, `WinPE`, or `true` (1802), which means "where we are now". Exit code 3010
 * alone also comes back where we are now: in the boot image there may be no system yet that could go on.
 * Setup Windows and ConfigMgr goes on in the installed system unless the variable says otherwise (S2, table row 25).
 * `SMSTSRetryRequested` counts only together with a restart. The engine deletes both variables after every action, so
 * that a request is honoured once.
 */

import { type Environment, valueOf } from './environment.ts'
import type { RestartTarget } from './run.ts'
import type { Action } from './step-types.ts'

export const rebootRequestedVariable = 'SMSTSRebootRequested'
export const retryRequestedVariable = 'SMSTSRetryRequested'

/** Success, and "restart please" (S1-039). */
export const restartExitCode = 3010

export type RestartRequest =
  | { readonly kind: 'none' }
  | { readonly kind: 'restart'; readonly target: RestartTarget; readonly retry: boolean }
  | { readonly kind: 'not-understood'; readonly value: string }

export interface EndedAction {
  readonly action: Action
  readonly exitCode: number
  readonly environment: Environment
  readonly where: RestartTarget
}

export function readRestartRequest(ended: EndedAction): RestartRequest {
  if (ended.action.type === 'restart-computer') return { kind: 'restart', target: ended.action.target, retry: false }
  const wanted = valueOf(ended.environment, rebootRequestedVariable)
  const retry = isTrue(valueOf(ended.environment, retryRequestedVariable))
  switch (wanted.toLowerCase()) {
    case 'hd':
      return { kind: 'restart', target: 'installed-system', retry }
    case 'winpe':
      return { kind: 'restart', target: 'boot-image', retry }
    case 'true':
      return { kind: 'restart', target: ended.where, retry }
    case '':
    case 'false':
      return unasked(ended, retry)
    default:
      return { kind: 'not-understood', value: wanted }
  }
}

export interface RestartNotice {
  readonly message: string
  readonly delaySeconds: number
}

/** What the screen says before a restart that an action asked for (S1-048). */
export function restartNotice(environment: Environment, restarts: number): RestartNotice {
  const first = valueOf(environment, 'SMSTSRebootDelay')
  const later = valueOf(environment, 'SMSTSRebootDelayNext')
  const delay = restarts > 0 && later !== '' ? later : first
  const message = valueOf(environment, 'SMSTSRebootMessage')
  return {
    message: message === '' ? 'The task sequence restarts this computer.' : message,
    delaySeconds: /^[0-9]{1,9}$/.test(delay) ? Math.min(Number(delay), restartDelaySecondsMax) : 0,
  }
}

/** How long the engine sits still after a restart, because an update may want a second one (S1-046). */
export function secondRestartSeconds(environment: Environment, where: RestartTarget): number {
  const seconds = valueOf(environment, 'SMSTSWaitForSecondReboot').trim()
  if (where !== 'installed-system' || !/^[0-9]{1,9}$/.test(seconds)) return 0
  return Math.min(Number(seconds), restartDelaySecondsMax)
}

/** A day: longer is a slip of the pen, and would look like a machine that hangs. */
export const restartDelaySecondsMax = 86_400

function unasked({ action, exitCode, where }: EndedAction, retry: boolean): RestartRequest {
  if (action.type === 'setup-windows-and-configmgr') return { kind: 'restart', target: 'installed-system', retry }
  return exitCode === restartExitCode ? { kind: 'restart', target: where, retry } : { kind: 'none' }
}

/** The documents give no value for the retry; anything but a plain no asks for it. */
function isTrue(value: string): boolean {
  return !['', '0', 'false', 'no'].includes(value.toLowerCase())
}
