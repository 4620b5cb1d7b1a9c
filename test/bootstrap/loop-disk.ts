/** A disk for tests: a sparse file behind a loop device, and the context that a step gets around it. Needs root. */

import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { FixedDisk } from '../../bootstrap/fixed-disks.ts'
import { Redactor } from '../../bootstrap/redactor.ts'
import type { StepProgress } from '../../bootstrap/reporter.ts'
import type { StepContext, StepResult } from '../../bootstrap/step-context.ts'
import { TargetSystem } from '../../bootstrap/target-system.ts'
import { emptyEnvironment } from '../../server/sequence/environment.ts'

export interface LoopDisk {
  readonly disk: FixedDisk
  readonly folder: string
}

export function makeLoopDisk(t: ExecutionContext, bytes: number): LoopDisk {
  const folder = makeFolder(t)
  const file = join(folder, 'disk.img')
  writeFileSync(file, '')
  truncateSync(file, bytes)
  const device = execFileSync('losetup', ['--find', '--show', '--partscan', file], { encoding: 'utf8' }).trim()
  t.teardown(() => {
    // Fails when no partition was made.
    spawnSync('partx', ['--delete', device])
    execFileSync('losetup', ['--detach', device])
  })
  const disk = { name: device.replace('/dev/', ''), device, bytes, sectorBytes: 512, removable: false }
  return { disk, folder }
}

/** Nothing is mounted from it any more: for a moment after that, the namespaces of agents that other tests start have copies. */
export async function untilFree(device: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return closeSync(openSync(device, constants.O_RDWR | constants.O_EXCL))
    } catch (error) {
      if (tries === 300) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

export function makeFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'reveille-step-'))
  t.teardown(() => {
    unmountBelow(folder)
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** A test that fails may leave `/dev` or `/run` bound somewhere below, and removing that would remove the machine's own. */
function unmountBelow(folder: string): void {
  const places = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
  for (const place of places.filter((name) => name === folder || name.startsWith(`${folder}/`)).toReversed()) {
    execFileSync('umount', ['--lazy', place])
  }
}

const noSite = async (): Promise<never> => {
  throw new Error('this test has no site')
}
const noStateStores: StepContext['stateStores'] = {
  request: noSite,
  open: noSite,
  putChunk: noSite,
  getChunk: noSite,
  captured: noSite,
  release: noSite,
}

export interface TestContext extends StepContext {
  readonly lines: string[]
  readonly progressed: StepProgress[]
  /** What steps have set so far, as the engine would keep it. */
  readonly set: Map<string, string>
  readonly keep: (result: StepResult) => StepResult
}

export function makeContext(folder: string, changes: Partial<StepContext> = {}): TestContext {
  const set = new Map<string, string>()
  const lines: string[] = []
  const progressed: StepProgress[] = []
  return {
    where: 'boot-image',
    hardware: {
      architecture: 'x64',
      firmware: 'bios',
      secureBoot: false,
      macAddresses: ['52:54:00:00:00:01'],
      memoryBytes: 1,
      disks: [],
    },
    disks: [],
    otherDisks: [],
    target: new TargetSystem(join(folder, 'target'), () => {}),
    content: [],
    download: { bases: [], token: () => '', onFault: () => {} },
    site: {
      sendImage: () => Promise.reject(new Error('there is no site in this test')),
      keepImage: () => Promise.reject(new Error('there is no site in this test')),
    },
    stateStores: noStateStores,
    server: ['http://10.0.0.1:8080'],
    redactor: new Redactor(),
    variable: (name) => set.get(name) ?? '',
    environment: emptyEnvironment,
    progress: (progress) => progressed.push(progress),
    output: (stream, line) => lines.push(`${stream} ${line}`),
    signal: new AbortController().signal,
    runtimeFolder: join(folder, 'runtime'),
    agentVersion: '0.1.0',
    scratchFolder: join(folder, 'scratch'),
    lines,
    progressed,
    set,
    keep: (result) => {
      for (const { name, value } of result.variables) set.set(name, value)
      return result
    },
    ...changes,
  }
}
