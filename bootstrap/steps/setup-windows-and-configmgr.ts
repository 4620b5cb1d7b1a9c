/**
 * Setup Windows and ConfigMgr in its Linux meaning: the applied system gets a boot loader and the client, so that it
 * starts by itself and the sequence goes on in it. The engine asks for the restart.
 *
 * Boot order on UEFI machines: our entry is appended to the end of `BootOrder` and named in `BootNext` once. Network
 * boot keeps its place, because the server decides at each start whether a machine goes on to its disk. The loader is
 * also put at the removable path, so that a machine which forgets its entries still finds it.
 *
 * Windows in the applied volume is prepared as far as another system can: the variables of its answer file are filled in
 * (S2-060). What starts it is made by bcdboot, which is a part of Windows, so the step then fails and says so.
 */

import { readFile } from 'node:fs/promises'
import type { SetupWindowsAndConfigMgr } from '../../server/sequence/step-types/setup-windows-and-configmgr.ts'
import { newestKernel, parseBootOrder, printGrubConfiguration } from '../boot-loader-files.ts'
import { answerFilePath, fillAnswerFile, findName } from '../answer-file.ts'
import { clientFiles, clientLinks } from '../client-files.ts'
import { clientIdentityFile } from '../client-identity.ts'
import { runCommand } from '../command.ts'
import { formattedPartitionsVariable, parseFormattedPartitions } from '../formatted-partitions.ts'
import { programsRunFirstFile } from '../programs-run-first.ts'
import { requireTarget, targetPartition } from '../require-target.ts'
import { printSettings } from '../server-location.ts'
import { bootArgumentsFile } from '../stage-boot-image.ts'
import { runTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded } from '../step-context.ts'
import {
  hasTargetFile,
  linkTargetFile,
  listTargetFolder,
  makeTargetFolder,
  readTargetFile,
  refuseLinksOut,
  removeTargetFile,
  replaceTargetFolder,
  writeTargetFile,
} from '../target-files.ts'

export async function setupWindowsAndConfigMgr(
  action: SetupWindowsAndConfigMgr,
  context: StepContext,
): Promise<StepResult> {
  const root = await requireTarget(context)
  if ((await findName(root, '', 'Windows')) !== undefined) return setUpWindows(root, context)
  sayWhatIsForWindows(action, context)
  context.progress({ text: 'Installing the client', done: 0, total: 2, unit: 'items' })
  await installClient(root, context)
  context.progress({ text: 'Installing the boot loader', done: 1, total: 2, unit: 'items' })
  await installBootLoader(root, context)
  await forgetIdentity(root)
  await makeHostKeys(root, context)
  await context.carryContent?.()
  await runTool(context, ['sync', '-f', root])
  context.progress({ text: 'The system is ready to start', done: 2, total: 2, unit: 'items' })
  return stepSucceeded
}

/** A Linux system gets the client of the boot image, which needs no properties. */
function sayWhatIsForWindows(
  { clientPackageId, installationProperties }: SetupWindowsAndConfigMgr,
  context: StepContext,
): void {
  if (clientPackageId !== undefined) {
    context.output('log', `The client is that of the boot image; the package ${clientPackageId} is for Windows.`)
  }
  if (installationProperties !== '') {
    context.output('log', 'The installation properties are for the client of Windows, and change nothing here.')
  }
}

async function setUpWindows(root: string, context: StepContext): Promise<never> {
  const path = await answerFilePath(root)
  const text = await readTargetFile(root, path)
  if (text !== '') await writeTargetFile(root, path, fillAnswerFile(text, context.variable), 0o600)
  await runTool(context, ['sync', '-f', root])
  throw new StepFailed(
    'Windows is on the disk with its answer file, but nothing here can make it start: its boot files are written by bcdboot, a program of Windows. Start Windows PE on this machine and run: bcdboot C:\\Windows',
  )
}

async function installClient(root: string, context: StepContext): Promise<void> {
  const hasSystemd = await Promise.all(
    ['usr/lib/systemd/systemd', 'lib/systemd/systemd'].map((path) => hasTargetFile(root, path)),
  )
  if (!hasSystemd.includes(true)) {
    throw new StepFailed('the applied system does not have systemd, so the client cannot go on in it')
  }
  await replaceTargetFolder(root, 'usr/lib/reveille', context.runtimeFolder)
  const files = clientFiles({ hasSite: context.server.length > 0 })
  for (const { path, content, mode } of files) await writeTargetFile(root, path, content, mode)
  // Another system's, in an image that was made elsewhere.
  for (const path of [clientIdentityFile, programsRunFirstFile]) await removeTargetFile(root, path)
  for (const [path, target] of clientLinks) await linkTargetFile(root, path, target)
  await writeTargetFile(root, 'var/lib/reveille/agent.json', printSettings(context.server), 0o600)
  // For the way back into the boot image.
  await writeTargetFile(root, bootArgumentsFile, await readFile('/proc/cmdline', 'utf8'), 0o600)
}

async function installBootLoader(root: string, context: StepContext): Promise<void> {
  const kernel = newestKernel(await listTargetFolder(root, 'boot'))
  if (kernel === undefined) throw new StepFailed('the applied system has no kernel in /boot, so it could not start')
  await writeTargetFile(root, 'boot/grub/grub.cfg', printGrubConfiguration(targetPartition(context), kernel))
  // grub-install follows the links it finds.
  await refuseLinksOut(root, 'boot/grub')
  if (context.hardware.firmware === 'uefi') await installForUefi(root, context)
  else await installForBios(root, context)
}

async function installForBios(root: string, context: StepContext): Promise<void> {
  const disk = await diskOf(targetPartition(context).device)
  await runTool(context, [
    'grub-install',
    '--target=i386-pc',
    `--boot-directory=${await makeTargetFolder(root, 'boot')}`,
    disk,
  ])
}

async function installForUefi(root: string, context: StepContext): Promise<void> {
  const partitions = parseFormattedPartitions(context.variable(formattedPartitionsVariable))
  const efi = partitions.find(({ use }) => use === 'efi')
  if (efi === undefined) throw new StepFailed('this machine starts by UEFI, and no EFI system partition was made')
  await context.target.mountBelow('boot/efi', efi)
  const common = [
    `--target=${context.hardware.architecture === 'arm64' ? 'arm64-efi' : 'x86_64-efi'}`,
    `--boot-directory=${await makeTargetFolder(root, 'boot')}`,
    `--efi-directory=${await makeTargetFolder(root, 'boot/efi')}`,
    '--no-nvram',
  ]
  await runTool(context, ['grub-install', ...common, `--bootloader-id=${entryLabel}`])
  await runTool(context, ['grub-install', ...common, '--removable'])
  await addBootEntry(efi.device, context)
}

const entryLabel = 'reveille'

/** A machine whose variables cannot be written starts from the removable path; that is not a failure. */
async function addBootEntry(efiDevice: string, context: StepContext): Promise<void> {
  const list = await runCommand({ program: 'efibootmgr', arguments: [] })
  if (list.exitCode !== 0) {
    context.output('log', 'the boot entries of the firmware cannot be changed here; the removable path is used')
    return
  }
  const before = parseBootOrder(list.stdout, entryLabel)
  for (const number of before.ours) await runCommand({ program: 'efibootmgr', arguments: ['-q', '-b', number, '-B'] })
  const number = (await readFile(`${sysfsOf(efiDevice)}/partition`, 'utf8')).trim()
  const loader = context.hardware.architecture === 'arm64' ? 'grubaa64.efi' : 'grubx64.efi'
  const created = await runCommand({
    program: 'efibootmgr',
    arguments: [
      '-C',
      '-d',
      await diskOf(efiDevice),
      '-p',
      number,
      '-L',
      entryLabel,
      '-l',
      `\\EFI\\${entryLabel}\\${loader}`,
    ],
  })
  const [ours] = parseBootOrder(created.stdout, entryLabel).ours
  if (created.exitCode !== 0 || ours === undefined) {
    context.output('log', `efibootmgr did not make an entry: ${created.tail}; the removable path is used`)
    return
  }
  const order = [...before.order.filter((entry) => !before.ours.includes(entry) && entry !== ours), ours]
  await runCommand({ program: 'efibootmgr', arguments: ['-q', '-o', order.join(',')] })
  await runCommand({ program: 'efibootmgr', arguments: ['-q', '-n', ours] })
}

/** The folder above a partition in sysfs is its disk's. */
async function diskOf(partitionDevice: string): Promise<string> {
  const text = await readFile(`${sysfsOf(partitionDevice)}/../uevent`, 'utf8')
  const name = /^DEVNAME=(.+)$/m.exec(text)?.[1]
  if (name === undefined) throw new StepFailed(`the disk of ${partitionDevice} was not found`)
  return `/dev/${name}`
}

function sysfsOf(device: string): string {
  return `/sys/class/block/${device.replace(/^\/dev\//, '').replaceAll('/', '!')}`
}

/** Machines made from one image must not share one identity: systemd makes a new one at the first start. */
async function forgetIdentity(root: string): Promise<void> {
  if (await hasTargetFile(root, 'etc/machine-id')) await writeTargetFile(root, 'etc/machine-id', '', 0o444)
}

/** A captured image comes without them (general-system.ts), and not every distribution makes them at the first start. */
async function makeHostKeys(root: string, context: StepContext): Promise<void> {
  if (!(await hasTargetFile(root, 'usr/sbin/sshd')) || !(await hasTargetFile(root, 'usr/bin/ssh-keygen'))) return
  const names = await listTargetFolder(root, 'etc/ssh')
  if (names.some((name) => /^ssh_host_.*_key$/.test(name))) return
  await runTool(context, ['chroot', root, 'ssh-keygen', '-A'])
}
