/** What a server costs: processor time, memory and descriptors of its process and of all that it started (proc(5), cgroups(7)). */

import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Measured {
  readonly pid: number
  /** Its control group; absent: there can be none, and what ended unnoticed is not counted. */
  readonly group?: string
}

/** USER_HZ, the same on every Linux that Node runs on. */
const ticksPerSecond = 100
/** Of version 2, also where version 1 is mounted beside it. */
const groupRoots = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'] as const

/** With all that it has started; what it starts later belongs to its group by itself. */
export function enterGroup(pid: number): Measured {
  for (const root of groupRoots) {
    const group = join(root, `reveille-bench-${process.pid}-${pid}`)
    try {
      mkdirSync(group)
      for (const one of treeOf(pid)) writeFileSync(join(group, 'cgroup.procs'), String(one))
      if (usageIn(group) !== undefined) return { pid, group }
      rmdirSync(group)
    } catch {
      // Not this version, or not ours to make.
    }
  }
  return { pid }
}

/** When all of it has ended. */
export function leaveGroup({ group }: Measured): void {
  if (group === undefined) return
  try {
    rmdirSync(group)
  } catch {
    // Something in it still ends; an empty group costs nothing.
  }
}

export function processorMs({ pid, group }: Measured): number {
  const ofGroup = group === undefined ? undefined : usageIn(group)
  if (ofGroup !== undefined) return ofGroup
  const ticks = treeOf(pid).reduce((sum, one) => sum + ticksOf(one), 0)
  return (ticks * 1_000) / ticksPerSecond
}

/** Memory that is nobody else's and no file's. */
export function anonymousKilobytes({ pid }: Measured): number {
  return treeOf(pid).reduce((sum, one) => {
    const text = read(`/proc/${one}/smaps_rollup`)
    return sum + Number(/^Anonymous: +(\d+) kB/m.exec(text)?.[1] ?? 0)
  }, 0)
}

export function openDescriptors({ pid }: Measured): number {
  return treeOf(pid).reduce((sum, one) => sum + list(`/proc/${one}/fd`).length, 0)
}

function usageIn(group: string): number | undefined {
  const text = /^usage_usec (\d+)$/m.exec(read(join(group, 'cpu.stat')))?.[1]
  return text === undefined ? undefined : Number(text) / 1_000
}

function treeOf(pid: number): readonly number[] {
  const children = Map.groupBy(list('/proc').map(Number).filter(Number.isInteger), parentOf)
  const within = (one: number): readonly number[] => [one, ...(children.get(one) ?? []).flatMap(within)]
  return within(pid)
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1])
}

/** utime, stime, cutime and cstime. */
function ticksOf(pid: number): number {
  return statOf(pid)
    .slice(11, 15)
    .reduce((sum, field) => sum + Number(field), 0)
}

/** From the third field on, behind the name, which may hold spaces. */
function statOf(pid: number): readonly string[] {
  const text = read(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** A process may end while it is looked at. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
