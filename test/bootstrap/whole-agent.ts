/**
 * The agent as the boot image or the installed system starts it, in a mount namespace of its own where `/proc/cmdline`, `/run`
 * and what a test wants besides are ours. Needs root.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { parseDeploymentId, parsePackageId, parseRunId } from '../../server/address/identifiers.ts'
import type { Choice, Policy, StartRunAnswer } from '../../server/contract/agent.ts'
import type { RestartTarget } from '../../server/sequence/run.ts'
import type { Step } from '../../server/sequence/task-sequence.ts'
import { actionOf } from '../support/actions.ts'
import type { AgentServer } from './agent-server.ts'
import { makeFolder } from './loop-disk.ts'

const agent = fileURLToPath(new URL('../../bootstrap/main.ts', import.meta.url))

export function command(name: string, commandLine: string): Step {
  const action = actionOf({ type: 'run-command-line', commandLine, successCodes: [0] })
  return { kind: 'step', name, description: '', disabled: false, continueOnError: false, action }
}

export function answers(
  steps: readonly Step[],
  changes: Partial<Policy> = {},
): { choice: Choice; start: StartRunAnswer } {
  const deploymentId = parseDeploymentId('RVL20001')
  const taskSequenceId = parsePackageId('RVL00002')
  const runId = parseRunId('0123456789abcdef0123456789abcdef')
  if (deploymentId === undefined || taskSequenceId === undefined || runId === undefined)
    throw new Error('a wrong fixture')
  const sequence = { name: 'Install', description: '', children: steps }
  const policy = {
    deploymentId,
    taskSequenceId,
    taskSequenceRevision: 1,
    sequence,
    variables: [],
    content: [],
    siteCode: 'RVL',
    ...changes,
  }
  return {
    choice: { deploymentId, taskSequenceName: 'Install', description: '', purpose: 'required' },
    start: { runId, runToken: 'token-1', resumeTicket: 'ticket-1', policy },
  }
}

export interface Surroundings {
  /** The boot image, unless told. */
  readonly where?: RestartTarget
  /** Places of the machine and what lies there instead, beside what `prepare` made. */
  readonly mounts?: readonly (readonly [place: string, inFolder: string])[]
  /** The agent's own `main.ts`, unless told. */
  readonly program?: string
  /** There is no network at all, not even this machine's own. */
  readonly withoutNetwork?: true
  /** What its unit sets. */
  readonly environment?: Readonly<Record<string, string>>
}

export type AgentProcess = ChildProcessByStdio<Writable, Readable, null>

/** Starts the agent on a machine whose memory is a folder, so that a second start finds what the first one left. */
export function startAgent(t: ExecutionContext, folder: string, surroundings: Surroundings = {}): AgentProcess {
  const { where = 'boot-image', mounts = [], environment: given = {}, program = agent } = surroundings
  const network = surroundings.withoutNetwork === true ? ['--net'] : []
  const script = [
    // Disks that other tests have mounted now would stay mounted here, and busy for them.
    'for place in $(sed -n "s,^[^ ]* \\(/tmp/[^ ]*\\) .*,\\1,p" /proc/self/mounts); do umount -l "$place"; done',
    ...[['/run', 'memory'], ['/proc/cmdline', 'cmdline'], ...mounts].map(
      ([place, name]) => `mount --bind "$1/${name}" ${place} || exit`,
    ),
    'exec "$2" "$3"',
  ].join('\n')
  const words = ['--mount', '--propagation', 'private', ...network, 'sh', '-c', script]
  const own = ['sh', folder, process.execPath, program]
  const path = `${folder}:${process.env['PATH']}`
  const environment = { ...process.env, PATH: path, REVEILLE_TEST: folder, REVEILLE_WHERE: where, ...given }
  const child = spawn('unshare', [...words, ...own], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

/** A server whose answer to any machine is these steps, and the folder of the machine. */
export async function prepare(
  t: ExecutionContext,
  server: AgentServer,
  { choice, start }: ReturnType<typeof answers>,
): Promise<string> {
  t.teardown(() => server.stop())
  const selection = { kind: 'start', choice, because: 'required' } as const
  server.helloAnswer = { ...server.helloAnswer, machine: { kind: 'armed', name: 'pc-1', selection } }
  server.startAnswer = start
  const folder = makeFolder(t)
  mkdirSync(join(folder, 'memory'))
  writeFileSync(join(folder, 'cmdline'), `quiet reveille.server=${await server.start()} BOOTIF=01-52-54-00-aa-bb-cc\n`)
  forbidRestarts(folder)
  return folder
}

/** Programs for the beginning of a path: nothing here may restart the machine that runs the tests, whatever the agent does. */
export function forbidRestarts(folder: string): void {
  for (const name of ['reboot', 'systemctl']) {
    writeFileSync(join(folder, name), `#!/bin/sh\ntouch '${folder}/${name}-was-asked'\n`)
    chmodSync(join(folder, name), 0o755)
  }
}

/** What the agent said until it said this, or so many chunks; then it is killed. */
export async function killAfter(
  child: AgentProcess,
  isEnough: (said: string, chunks: number) => boolean,
): Promise<string> {
  let said = ''
  let chunks = 0
  for await (const chunk of child.stdout) {
    said += String(chunk)
    chunks += 1
    if (isEnough(said, chunks)) break
  }
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return said
}
