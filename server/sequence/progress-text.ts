/**
 * What the machine's screen says while a sequence runs: a heading, the step, and how far it is. The administrator decides
 * with `TSDisableProgressUI` (nothing), `TSProgressInfoLevel` (1: `2 of 10`, 2: `2 of 10 (20% complete)`, 3: `(20% complete)`)
 * and `_SMSTSCustomProgressDialogMessage` (the heading). All of them may change during a run.
 */

import { type Environment, valueOf } from './environment.ts'
import { maskSecrets } from './mask-secrets.ts'

export interface ProgressText {
  readonly heading: string
  readonly step: string
  /** Empty unless a level was chosen. */
  readonly position: string
}

export interface StepPlace {
  readonly name: string
  /** Among the counted steps, from 1. */
  readonly number: number
  readonly total: number
}

/** Undefined: nothing is shown. */
export function progressText(environment: Environment, { name, number, total }: StepPlace): ProgressText | undefined {
  if (valueOf(environment, 'TSDisableProgressUI').toLowerCase() === 'true') return undefined
  const custom = valueOf(environment, '_SMSTSCustomProgressDialogMessage')
  const heading = custom === '' ? `Running: ${valueOf(environment, '_SMSTSPackageName')}` : custom
  const count = `${number} of ${total}`
  const percent = `(${total === 0 ? 100 : Math.floor((number / total) * 100)}% complete)`
  const positions: Readonly<Record<string, string>> = { '1': count, '2': `${count} ${percent}`, '3': percent }
  const level = valueOf(environment, 'TSProgressInfoLevel').trim()
  const position = Object.hasOwn(positions, level) ? (positions[level] ?? '') : ''
  return { heading: maskSecrets(heading, environment), step: maskSecrets(name, environment), position }
}

/** How long an error stays on the screen before the machine restarts; undefined: until somebody comes. */
export function errorDialogSeconds(environment: Environment): number | undefined {
  const seconds = valueOf(environment, 'SMSTSErrorDialogTimeout').trim()
  if (!/^[0-9]{1,7}$/.test(seconds) || Number(seconds) === 0) return undefined
  return Number(seconds)
}
