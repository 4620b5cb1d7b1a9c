/**
 * High performance while a task sequence runs (S1-049): on Linux it is the governor of the processors' frequencies. A machine that
 * has none, as most virtual ones, is left as it is. Each start of the system brings the usual governors back, so those are
 * kept in memory only, where an agent that is itself started again finds them.
 */

import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '../server/caught-error.ts'
import { isFields } from './decode-answer.ts'
import { makeOwnerOnlyFolder, replaceFile } from './durable-file.ts'

export interface PowerPlan {
  /** Holds a folder for processors that share a frequency: `policy0`, … */
  readonly policiesFolder: string
  /** What the governors were. */
  readonly keptFile: string
}

export function powerPlanOf(scratchFolder: string): PowerPlan {
  return { policiesFolder: '/sys/devices/system/cpu/cpufreq', keptFile: join(scratchFolder, 'governors.json') }
}

const highPerformance = 'performance'

/** What cannot be changed is said and changes nothing else. */
export async function raisePowerPlan(plan: PowerPlan, say: (text: string) => void): Promise<void> {
  const usual = new Map<string, string>()
  for (const policy of await listPolicies(plan)) {
    const governor = await readWord(plan, policy, 'scaling_governor')
    const available = await readWord(plan, policy, 'scaling_available_governors')
    if (governor !== highPerformance && available.split(' ').includes(highPerformance)) usual.set(policy, governor)
  }
  if (usual.size === 0) return
  // Those that an agent before this one found are the usual ones.
  const kept = { ...Object.fromEntries(usual), ...(await readKept(plan)) }
  makeOwnerOnlyFolder(dirname(plan.keptFile))
  replaceFile(plan.keptFile, JSON.stringify(kept))
  for (const policy of usual.keys()) await setGovernor(plan, { policy, governor: highPerformance }, say)
}

export async function restorePowerPlan(plan: PowerPlan, say: (text: string) => void): Promise<void> {
  const kept = await readKept(plan)
  for (const policy of await listPolicies(plan)) {
    const governor = kept[policy]
    if (governor !== undefined) await setGovernor(plan, { policy, governor }, say)
  }
  await rm(plan.keptFile, { force: true })
}

async function listPolicies({ policiesFolder }: PowerPlan): Promise<readonly string[]> {
  const names = await readdir(policiesFolder).catch(() => [])
  return names.filter((name) => /^policy\d+$/.test(name))
}

async function readWord({ policiesFolder }: PowerPlan, policy: string, name: string): Promise<string> {
  return (await readFile(join(policiesFolder, policy, name), 'utf8').catch(() => '')).trim()
}

async function readKept({ keptFile }: PowerPlan): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(keptFile, 'utf8').catch(() => '{}')
  const value: unknown = JSON.parse(text)
  if (!isFields(value)) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, word]) => (typeof word === 'string' ? [[name, word]] : [])),
  )
}

async function setGovernor(
  { policiesFolder }: PowerPlan,
  { policy, governor }: { readonly policy: string; readonly governor: string },
  say: (text: string) => void,
): Promise<void> {
  try {
    await writeFile(join(policiesFolder, policy, 'scaling_governor'), governor)
  } catch (error) {
    say(`The governor of ${policy} cannot be set to ${governor}: ${messageOf(error)}`)
  }
}
