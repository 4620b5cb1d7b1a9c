/**
 * Connect To Network Folder (S2-016, S2-017): mounts the folder below `/run/reveille/network`, until the machine restarts.
 * Letters of drives do not exist on Linux: `OSDNetworkFolderZ` is where `Z:` is, and `OSDNetworkFolder` the one of the
 * last such step. `/run` is the same in the applied system when a command runs there.
 */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ConnectToNetworkFolder,
  networkFolderVariable,
  parseNetworkPath,
} from '../../server/sequence/step-types/connect-to-network-folder.ts'
import { runCommand } from '../command.ts'
import { makeOwnerOnlyFolder } from '../durable-file.ts'
import { findProgram } from '../find-program.ts'
import { type MountPlan, mountPointName, planMount, printCredentials } from '../network-folder.ts'
import { tryTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, variable } from '../step-context.ts'

export async function connectToNetworkFolder(
  action: ConnectToNetworkFolder,
  context: StepContext,
): Promise<StepResult> {
  const path = parseNetworkPath(action.path)
  if (path === undefined) throw new StepFailed(`${action.path} is no network folder`)
  const { driveLetter = '', account } = action
  const mountPoint = join(context.scratchFolder, 'network', mountPointName(path, driveLetter))
  await mkdir(mountPoint, { recursive: true, mode: 0o700 })
  await disconnect(mountPoint)
  makeOwnerOnlyFolder(context.scratchFolder)
  const secrets = await mkdtemp(join(context.scratchFolder, 'credentials-'))
  try {
    const credentials = join(secrets, 'file')
    const isGuest = path.kind === 'nfs' || account === ''
    if (!isGuest) await writeFile(credentials, printCredentials(action), { mode: 0o600 })
    await connect(planMount(path, mountPoint, isGuest ? undefined : credentials), context)
  } finally {
    await rm(secrets, { recursive: true, force: true })
  }
  context.output('log', `${action.path} is at ${mountPoint}`)
  const letter = driveLetter === '' ? [] : [variable(networkFolderVariable(driveLetter.slice(0, 1)), mountPoint)]
  return { exitCode: 0, message: '', variables: [variable('OSDNetworkFolder', mountPoint), ...letter] }
}

/** What the same step connected before. */
async function disconnect(mountPoint: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  const places = mounts.split('\n').map((line) => line.split(' ')[1])
  if (places.includes(mountPoint)) await runCommand({ program: 'umount', arguments: ['-l', mountPoint] })
}

async function connect({ words, module }: MountPlan, context: StepContext): Promise<void> {
  const [program, ...rest] = words
  const found = await findProgram(program, `${process.env['PATH'] ?? ''}:/sbin:/usr/sbin`)
  if (found === undefined) {
    const debian = module === 'cifs' ? 'cifs-utils' : 'nfs-common'
    throw new StepFailed(`this system has no ${program}, which connects such folders: add ${debian} to it`, 127)
  }
  // Built into the kernel, or missing: mounting tells.
  await runCommand({ program: 'modprobe', arguments: ['-q', module] })
  const result = await tryTool(context, [found, ...rest])
  if (result.exitCode === 0) return
  const why = result.tail === '' ? `exit code ${result.exitCode}` : result.tail
  throw new StepFailed(`${rest[0] ?? ''} could not be connected: ${why}`, result.exitCode)
}
