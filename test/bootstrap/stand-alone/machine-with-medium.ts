/** A machine with a drive, whose memory is a folder, and that has no network at all. Needs root. */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { commandStep } from '../../support/sequences.ts'
import { type LoopDisk, makeFolder } from '../loop-disk.ts'
import { asDevice } from '../medium/make-medium.ts'
import { type AgentProcess, forbidRestarts, startAgent } from '../whole-agent.ts'

const mediumAgent = fileURLToPath(new URL('medium-agent.ts', import.meta.url))

export interface MachineWithMedium {
  readonly folder: string
  readonly start: (disk?: LoopDisk) => AgentProcess
  /** Puts that volume into the drive. */
  readonly insert: (number: number) => void
  /** A copy of what is on the disk: mounts of other tests are no places of an agent. */
  readonly takeSystem: (disk: LoopDisk) => string
}

export function prepareMachine(t: ExecutionContext): MachineWithMedium {
  const folder = makeFolder(t)
  for (const name of ['memory', 'media', 'runtime']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'cmdline'), 'quiet reveille.network=agent\n')
  writeFileSync(join(folder, 'runtime/agent.mjs'), '')
  forbidRestarts(folder)
  const insert: MachineWithMedium['insert'] = (number) => {
    writeFileSync(join(folder, 'drive'), asDevice(t, join(folder, 'media', String(number))).device)
  }
  const start: MachineWithMedium['start'] = (disk) => {
    if (!existsSync(join(folder, 'drive'))) insert(1)
    return startAgent(t, folder, {
      program: mediumAgent,
      withoutNetwork: true,
      environment: disk === undefined ? {} : { REVEILLE_TEST_DISK: JSON.stringify(disk.disk) },
    })
  }
  const takeSystem: MachineWithMedium['takeSystem'] = ({ disk: { device } }) => {
    const place = join(makeFolder(t), 'place')
    mkdirSync(place)
    execFileSync('mount', [`${device}p1`, place])
    const filter = (path: string): boolean => !path.includes('/dev/')
    cpSync(place, join(folder, 'system'), { recursive: true, verbatimSymlinks: true, filter })
    execFileSync('umount', ['--lazy', place])
    return join(folder, 'system')
  }
  return { folder, start, insert, takeSystem }
}

export const stays = (text: string): boolean => text.includes('stays as it is')
export const say = (name: string, commandLine: string) =>
  commandStep(name, { action: { type: 'run-command-line', commandLine } }) as object
