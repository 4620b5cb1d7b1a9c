/**
 * Apply Network Settings (S2-072) for the applied system: files for ifupdown where the image has it, otherwise for
 * systemd-networkd, which is then enabled; the answer file of a Windows. Nothing changes on the running machine. A Linux
 * joins a domain by its own realmd when it starts first; a workgroup means nothing to it.
 */

import type { ApplyNetworkSettings } from '../../server/sequence/step-types/apply-network-settings.ts'
import { joinLinkPath, joinPasswordPath, joinUnitName, printJoinUnit } from '../first-start-join.ts'
import {
  faultsOfNetworkSettings,
  networkFilesFolder,
  ourNetworkFile,
  printIfupdownFiles,
  printNetworkdFiles,
  printResolvConf,
} from '../network-files.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded } from '../step-context.ts'
import { hasTargetFile, linkTargetFile, listTargetFolder, removeTargetFile, writeTargetFile } from '../target-files.ts'
import { requireTarget } from '../require-target.ts'
import { networkAnswers } from '../windows-answers.ts'
import { addAnswers, isWindows } from '../windows-target.ts'

export async function applyNetworkSettings(action: ApplyNetworkSettings, context: StepContext): Promise<StepResult> {
  const cards = context.hardware.macAddresses.map((macAddress, index) => ({ name: `net${index}`, macAddress }))
  const faults = faultsOfNetworkSettings(action, cards)
  if (faults.length > 0) throw new StepFailed(faults.join('; '))
  const root = await requireTarget(context)
  if (await isWindows(root)) {
    await addAnswers(root, networkAnswers(action, cards), context)
    return stepSucceeded
  }
  if (action.joinType === 'domain') await requireJoinProgram(root)
  const hasIfupdown = await hasOne(root, ['usr/sbin/ifup', 'sbin/ifup'])
  const networkd = await findOne(root, ['usr/lib/systemd/system', 'lib/systemd/system'], 'systemd-networkd.service')
  if (!hasIfupdown && networkd === undefined) {
    throw new StepFailed('the applied system has neither ifupdown nor systemd-networkd, so its network cannot be set')
  }
  await forgetEarlierStep(root)
  const files = hasIfupdown ? printIfupdownFiles(action, cards) : printNetworkdFiles(action, cards)
  for (const { path, text } of files) await writeTargetFile(root, path, text)
  if (!hasIfupdown && networkd !== undefined) await enableNetworkd(root, networkd)
  const resolvConf = printResolvConf(action)
  const hasResolved = await hasOne(root, ['usr/lib/systemd/systemd-resolved', 'lib/systemd/systemd-resolved'])
  if (resolvConf !== undefined && !hasResolved) await writeTargetFile(root, 'etc/resolv.conf', resolvConf)
  if (action.joinType === 'domain') await joinAtFirstStart(root, action)
  context.output('log', `wrote ${files.map(({ path }) => path).join(', ')}`)
  return stepSucceeded
}

/** S2-072: of several such steps the last one wins. */
async function forgetEarlierStep(root: string): Promise<void> {
  const join = [joinPasswordPath, `etc/systemd/system/${joinUnitName}`, joinLinkPath]
  const names = await listTargetFolder(root, networkFilesFolder)
  const network = names.filter((name) => ourNetworkFile.test(name)).map((name) => `${networkFilesFolder}/${name}`)
  for (const path of [...join, ...network]) await removeTargetFile(root, path)
}

async function requireJoinProgram(root: string): Promise<void> {
  const hasSystemd = await hasOne(root, ['usr/lib/systemd/systemd', 'lib/systemd/systemd'])
  if (hasSystemd && (await hasTargetFile(root, 'usr/sbin/realm'))) return
  throw new StepFailed('the applied system cannot join a domain: it needs systemd and realmd (put them into the image)')
}

async function joinAtFirstStart(root: string, action: ApplyNetworkSettings): Promise<void> {
  const { path, text } = printJoinUnit(action)
  await writeTargetFile(root, joinPasswordPath, `${action.password}\n`, 0o600)
  await writeTargetFile(root, path, text)
  await linkTargetFile(root, joinLinkPath, `/${path}`)
}

/** What `systemctl enable` would link; the boot image has no systemctl. */
async function enableNetworkd(root: string, folder: string): Promise<void> {
  const wants = 'etc/systemd/system/multi-user.target.wants/systemd-networkd.service'
  await linkTargetFile(root, wants, `/${folder}/systemd-networkd.service`)
  const waitOnline = 'systemd-networkd-wait-online.service'
  if (!(await hasTargetFile(root, `${folder}/${waitOnline}`))) return
  await linkTargetFile(root, `etc/systemd/system/network-online.target.wants/${waitOnline}`, `/${folder}/${waitOnline}`)
}

async function hasOne(root: string, paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(paths.map((path) => hasTargetFile(root, path)))
  return found.includes(true)
}

async function findOne(root: string, folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) if (await hasTargetFile(root, `${folder}/${name}`)) return folder
  return undefined
}
