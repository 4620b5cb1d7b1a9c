/**
 * How a step ended: success or failure, with the code and the sentence that people read (S1-018, S1-039).
 * Codes the engine itself gives are those that the field knows for the same thing.
 */

import type { VariableAuthority } from './environment.ts'
import { restartExitCode } from './restart-request.ts'
import { type Action, stepTypeOf } from './step-types.ts'
import type { RestartTarget } from './run.ts'

export const failureCodes = {
  /** ERROR_ACCESS_DENIED: a read-only variable. */
  readOnlyVariable: 5,
  /** ERROR_NOT_SUPPORTED: a step for the boot image was reached in the installed system (S2-001). */
  wrongEnvironment: 50,
  /** ERROR_INVALID_PARAMETER: a variable or a request that cannot be used. */
  unusableVariable: 87,
  /** ERROR_SERVICE_DISABLED: a child task sequence that is disabled (S1-033). */
  childDisabled: 1058,
  /** ERROR_SHUTDOWN_IN_PROGRESS: the machine restarted by itself (S1-047). */
  unexpectedRestart: 1115,
  /** ERROR_NOT_FOUND: the machine came up elsewhere than asked (S1-035). */
  wrongPlace: 1168,
  /** ERROR_CANCELLED: by the debugger (S1-037). */
  cancelled: 1223,
  /** ERROR_RETRY: the step asked to be run again too often. */
  tooManyAttempts: 1237,
  /** ERROR_TIMEOUT (S1-017). */
  timedOut: 1460,
} as const

/** An action that always asks for one more attempt would restart the machine for ever. */
export const stepAttemptsMax = 20

export interface StepVerdict {
  readonly succeeded: boolean
  readonly exitCode: number
  /** Empty on success. */
  readonly message: string
}

/** Steps that run what an administrator wrote have success codes of their own; they replace the default (S1-018). */
export function judgeExitCode(action: Action, exitCode: number, message: string): StepVerdict {
  const successCodes = 'successCodes' in action ? action.successCodes : [0, restartExitCode]
  if (successCodes.includes(exitCode)) return { succeeded: true, exitCode, message: '' }
  const codes = successCodes.join(', ')
  const plain = `The action ended with exit code ${exitCode}; success would be ${codes}.`
  return failed(exitCode, message === '' ? plain : message)
}

export function failed(exitCode: number, message: string): StepVerdict {
  return { succeeded: false, exitCode, message }
}

/** How often the step is begun again after a restart that nobody asked for (S1-019); other types never are (S1-047). */
export function unexpectedRestartsMax(action: Action): number {
  const most: unknown = 'retryUnexpectedRestarts' in action ? action.retryUnexpectedRestarts : 0
  return typeof most === 'number' ? most : 0
}

/** S2 table, column Env: what only makes sense on a machine that is not running from its own disk. */
export function canRun(action: Action, where: RestartTarget): boolean {
  const { runsIn } = stepTypeOf(action)
  return runsIn === 'both' || runsIn === where
}

/** A command of the administrator's is a custom action; the built-in ones set variables in the product's name. */
export function authorityOf(action: Action): VariableAuthority {
  return stepTypeOf(action).isCustom ? 'step' : 'product'
}
