/**
 * Apply Windows Settings (S2-073) in its Linux meaning: host name, time zone and locale of the applied system. The
 * registered user and organisation have no place in a Linux system and are not written.
 */

import type { ApplyWindowsSettings } from '../../server/sequence/step-types/apply-windows-settings.ts'
import { requireTarget } from '../require-target.ts'
import { runTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded, variable } from '../step-context.ts'
import { hasTargetFile, linkTargetFile, readTargetFile, writeTargetFile } from '../target-files.ts'

export async function applyWindowsSettings(action: ApplyWindowsSettings, context: StepContext): Promise<StepResult> {
  const name = computerName(action.computerName, context)
  if (!isHostName(name)) throw new StepFailed(`${JSON.stringify(name)} cannot be the name of a computer`)
  const { timeZone, locale } = action
  if (timeZone !== '' && !/^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)*$/.test(timeZone)) {
    throw new StepFailed(`${JSON.stringify(timeZone)} is not an IANA time zone, such as Europe/Berlin`)
  }
  if (locale !== '' && !/^[A-Za-z]+(?:_[A-Z]{2})?(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?$/.test(locale)) {
    throw new StepFailed(`${JSON.stringify(locale)} is not a POSIX locale, such as en_US.UTF-8`)
  }
  const root = await requireTarget(context)
  if (timeZone !== '') await applyTimeZone(root, timeZone)
  const [shortName = name] = name.split('.')
  await writeTargetFile(root, 'etc/hostname', `${shortName}\n`)
  await writeTargetFile(root, 'etc/hosts', hostsWith(await readTargetFile(root, 'etc/hosts'), name))
  if (locale !== '') await applyLocale(root, locale, context)
  return { ...stepSucceeded, variables: [variable('OSDComputerName', name)] }
}

/** A name that is not set stays as `%…%` in the text; then the device's own name counts (S3, `_SMSTSMachineName`). */
function computerName(wanted: string, context: StepContext): string {
  const isSet = wanted.trim() !== '' && !wanted.includes('%')
  return (isSet ? wanted : context.variable('OSDComputerName') || context.variable('_SMSTSMachineName')).trim()
}

/** RFC 1123 section 2.1, and at most the 64 characters that Linux keeps. */
function isHostName(name: string): boolean {
  const isLabel = (label: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)
  return name.length <= 253 && (name.split('.')[0] ?? '').length <= 63 && name.split('.').every(isLabel)
}

/** Debian's convention: the machine's own name at 127.0.1.1, so that it resolves without a network. */
export function hostsWith(hosts: string, name: string): string {
  const kept = hosts.split('\n').filter((line) => line !== '' && !/^127\.0\.1\.1\s/.test(line))
  const localhost = kept.some((line) => /^127\.0\.0\.1\s/.test(line)) ? [] : ['127.0.0.1 localhost', '::1 localhost']
  const [shortName = name] = name.split('.')
  const own = shortName === name ? name : `${name} ${shortName}`
  return [...localhost, ...kept, `127.0.1.1 ${own}`, ''].join('\n')
}

async function applyTimeZone(root: string, timeZone: string): Promise<void> {
  if (!(await hasTargetFile(root, `usr/share/zoneinfo/${timeZone}`))) {
    throw new StepFailed(`the applied system does not know the time zone ${timeZone} (is tzdata installed?)`)
  }
  await linkTargetFile(root, 'etc/localtime', `/usr/share/zoneinfo/${timeZone}`)
  await writeTargetFile(root, 'etc/timezone', `${timeZone}\n`)
}

async function applyLocale(root: string, locale: string, context: StepContext): Promise<void> {
  const text = `LANG=${locale}\n`
  await writeTargetFile(root, 'etc/locale.conf', text)
  await writeTargetFile(root, 'etc/default/locale', text)
  if (!(await hasTargetFile(root, 'usr/sbin/locale-gen'))) return
  const charset = /\.([^@]+)/.exec(locale)?.[1] ?? 'ISO-8859-1'
  const lines = (await readTargetFile(root, 'etc/locale.gen')).split('\n').filter((line) => line !== '')
  const wanted = `${locale} ${charset}`
  if (!lines.includes(wanted)) await writeTargetFile(root, 'etc/locale.gen', [...lines, wanted, ''].join('\n'))
  await context.target.bindSystemFolders()
  await runTool(context, ['chroot', root, '/usr/sbin/locale-gen'])
}
