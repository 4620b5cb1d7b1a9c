/**
 * Check Readiness as a judgement over facts (S2-025 to S2-027): every check is made, whatever the others say. A fact that
 * the machine does not tell fails its check, because nobody can say that the machine is ready.
 */

import { compareVersions } from './compare-values.ts'
import type { Variable } from './environment.ts'
import { type CheckReadiness, type ReadinessCheck, readinessVariables } from './step-types/check-readiness.ts'

/** S2-026: the code of a machine that is not ready. */
export const notReadyExitCode = 4316

/** Absent: not known. */
export interface ReadinessFacts {
  readonly memoryMegabytes?: number | undefined
  readonly speedMegahertz?: number | undefined
  readonly freeDiskMegabytes?: number | undefined
  readonly osType?: 'client' | 'server' | undefined
  readonly architecture?: '32-bit' | '64-bit' | undefined
  readonly osVersion?: string | undefined
  readonly clientVersion?: string | undefined
  readonly osLanguage?: string | undefined
  readonly onAcPower?: boolean | undefined
  readonly isConnected?: boolean | undefined
  /** An adapter that is connected is not wireless. */
  readonly isWired?: boolean | undefined
}

export interface ReadinessResult {
  readonly check: ReadinessCheck
  readonly passed: boolean
  /** Such as `memory: 512 MB, wanted at least 768 MB`. */
  readonly message: string
}

/** Of the checks that were asked for, in their order. */
export function judgeReadiness(wanted: CheckReadiness, facts: ReadinessFacts): readonly ReadinessResult[] {
  return [
    atLeast('memory', wanted.minimumMemoryMegabytes, facts.memoryMegabytes, 'MB'),
    atLeast('speed', wanted.minimumSpeedMegahertz, facts.speedMegahertz, 'MHz'),
    atLeast('disk', wanted.minimumDiskMegabytes, facts.freeDiskMegabytes, 'MB'),
    sameWord('osType', wanted.osType, facts.osType),
    sameWord('architecture', wanted.architecture, facts.architecture),
    ordered('minimumOsVersion', wanted.minimumOsVersion, facts.osVersion),
    ordered('maximumOsVersion', wanted.maximumOsVersion, facts.osVersion),
    ordered('minimumClientVersion', wanted.minimumClientVersion, facts.clientVersion),
    speaks(wanted.osLanguage, facts.osLanguage),
    holds('acPower', wanted.acPower, facts.onAcPower),
    holds('network', wanted.network, facts.isConnected),
    holds('wired', wanted.wired, facts.isWired),
  ].filter((result) => result !== undefined)
}

/** 1 or 0, and nothing for what was not checked (S2-027). */
export function readinessVariablesOf(results: readonly ReadinessResult[]): readonly Variable[] {
  return Object.entries(readinessVariables).map(([check, name]) => {
    const result = results.find((one) => one.check === check)
    return { name, value: result === undefined ? '' : result.passed ? '1' : '0', secret: false }
  })
}

const names: Readonly<Record<ReadinessCheck, string>> = {
  memory: 'memory',
  speed: 'processor speed',
  disk: 'free disk space',
  osType: 'kind of system',
  architecture: 'architecture',
  minimumOsVersion: 'version of the system',
  maximumOsVersion: 'version of the system',
  minimumClientVersion: 'version of the client',
  osLanguage: 'language of the system',
  acPower: 'runs on mains power',
  network: 'network adapter connected',
  wired: 'connected by wire',
}

function result(check: ReadinessCheck, passed: boolean | undefined, text: string): ReadinessResult {
  return { check, passed: passed === true, message: `${names[check]}: ${text}` }
}

function atLeast(
  check: ReadinessCheck,
  wanted: number,
  found: number | undefined,
  unit: string,
): ReadinessResult | undefined {
  if (wanted === 0) return undefined
  const actual = found === undefined ? 'not known' : `${found} ${unit}`
  return result(check, found !== undefined && found >= wanted, `${actual}, wanted at least ${wanted} ${unit}`)
}

function sameWord(check: ReadinessCheck, wanted: string, found: string | undefined): ReadinessResult | undefined {
  if (wanted === 'not-checked') return undefined
  return result(check, found === wanted, `${found ?? 'not known'}, wanted ${wanted}`)
}

function ordered(
  check: 'minimumOsVersion' | 'maximumOsVersion' | 'minimumClientVersion',
  wanted: string,
  found: string | undefined,
): ReadinessResult | undefined {
  if (wanted === '') return undefined
  const isMaximum = check === 'maximumOsVersion'
  const order = found === undefined ? undefined : compareDottedVersions(found, wanted)
  const passed = order !== undefined && (isMaximum ? order <= 0 : order >= 0)
  return result(check, passed, `${found ?? 'not known'}, wanted at ${isMaximum ? 'most' : 'least'} ${wanted}`)
}

/** `de` is every German; `de-AT` is that one alone. */
function speaks(wanted: string, found: string | undefined): ReadinessResult | undefined {
  if (wanted === '') return undefined
  const language = wanted.replaceAll('_', '-').toLowerCase()
  const actual = (found ?? '').replaceAll('_', '-').toLowerCase()
  const passed = actual === language || actual.startsWith(`${language}-`)
  return result('osLanguage', passed, `${found ?? 'not known'}, wanted ${wanted}`)
}

function holds(check: ReadinessCheck, wanted: boolean, found: boolean | undefined): ReadinessResult | undefined {
  if (!wanted) return undefined
  return result(check, found, found === undefined ? 'not known' : found ? 'yes' : 'no')
}

/** Numbers between dots; what is missing at the end is 0. What follows the numbers, such as `-rc1`, is left out. */
export function compareDottedVersions(first: string, second: string): number {
  return compareVersions(numbersOf(first), numbersOf(second))
}

function numbersOf(version: string): string {
  return /^[0-9]+(?:\.[0-9]+)*/.exec(version.trim())?.[0] ?? '0'
}
