/**
 * Apply Windows Settings (S2-073). Linux: host name, time zone, languages, keyboard and root's password of the applied
 * system; the registered user, the organization and a product key have no place there. Without a password of its own
 * root stays as the image has it. Windows: the same and the rest in its answer file.
 */

import { randomBytes } from 'node:crypto'
import type { ApplyWindowsSettings } from '../../server/sequence/step-types/apply-windows-settings.ts'
import { linuxKeyboard, linuxLocale, printLocaleFile, withSetting } from '../linux-locale.ts'
import { requireTarget } from '../require-target.ts'
import { runTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded, variable } from '../step-context.ts'
import { hasTargetFile, linkTargetFile, readTargetFile, writeTargetFile } from '../target-files.ts'
import { windowsSettingsAnswers } from '../windows-answers.ts'
import { addAnswers, isWindows } from '../windows-target.ts'

export async function applyWindowsSettings(action: ApplyWindowsSettings, context: StepContext): Promise<StepResult> {
  const name = computerName(action.computerName, context)
  if (!isHostName(name)) throw new StepFailed(`${JSON.stringify(name)} cannot be the name of a computer`)
  const root = await requireTarget(context)
  if (await isWindows(root)) await applyToWindows(root, { action, name, context })
  else await applyToLinux(root, { action, name, context })
  return { ...stepSucceeded, variables: [variable('OSDComputerName', name)] }
}

interface Applied {
  readonly action: ApplyWindowsSettings
  readonly name: string
  readonly context: StepContext
}

/** Longer names do not fit into a NetBIOS name. */
const windowsNameCharactersMax = 15

async function applyToWindows(root: string, { action, name, context }: Applied): Promise<void> {
  const [shortName = name] = name.split('.')
  if (shortName.length > windowsNameCharactersMax) {
    throw new StepFailed(`${shortName} is longer than the ${windowsNameCharactersMax} characters that Windows takes`)
  }
  if (action.serverLicenseMode !== 'none') {
    context.output('log', 'how a server is licensed has no place in the answer file of this Windows, and is left out')
  }
  // All four kinds of characters, so that no rule about passwords refuses it.
  const randomPassword = `aA1!${randomBytes(24).toString('base64url')}`
  await addAnswers(root, windowsSettingsAnswers(action, { computerName: shortName, randomPassword }), context)
}

async function applyToLinux(root: string, { action, name, context }: Applied): Promise<void> {
  const { timeZone, inputLocale, randomAdminPassword, localAdminPassword } = action
  if (timeZone !== '' && !/^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)*$/.test(timeZone)) {
    throw new StepFailed(`${JSON.stringify(timeZone)} is not an IANA time zone, such as Europe/Berlin`)
  }
  const languages = {
    locale: requireLocale(action.locale),
    userLocale: requireLocale(action.userLocale),
    uiLanguage: requireLocale(action.uiLanguage),
    uiLanguageFallback: requireLocale(action.uiLanguageFallback),
  }
  const layout = linuxKeyboard(inputLocale)
  if (inputLocale !== '' && layout === undefined) {
    throw new StepFailed(`${JSON.stringify(inputLocale)} is not a keyboard layout, such as de or en-US`)
  }
  if (timeZone !== '') await applyTimeZone(root, timeZone)
  const [shortName = name] = name.split('.')
  await writeTargetFile(root, 'etc/hostname', `${shortName}\n`)
  await writeTargetFile(root, 'etc/hosts', hostsWith(await readTargetFile(root, 'etc/hosts'), name))
  const locales = Object.values(languages).filter((locale) => locale !== '')
  if (locales.length > 0) await applyLocales(root, { text: printLocaleFile(languages), locales, context })
  if (layout !== undefined) await applyKeyboard(root, layout, context)
  if (!randomAdminPassword) await setRootPassword(root, localAdminPassword, context)
}

function requireLocale(text: string): string {
  const locale = linuxLocale(text)
  if (text === '' || locale !== undefined) return locale ?? ''
  throw new StepFailed(`${JSON.stringify(text)} is not a POSIX locale, such as en_US.UTF-8`)
}

/** On the program's standard input, and nowhere else. */
async function setRootPassword(root: string, password: string, context: StepContext): Promise<void> {
  const place = 'usr/sbin/chpasswd'
  if (!(await hasTargetFile(root, place))) {
    throw new StepFailed(`the applied system has no /${place}, so the password of its administrator cannot be set`)
  }
  await context.target.bindSystemFolders()
  await runTool(context, ['chroot', root, `/${place}`], `root:${password}\n`)
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

interface Locales {
  readonly text: string
  readonly locales: readonly string[]
  readonly context: StepContext
}

async function applyLocales(root: string, { text, locales, context }: Locales): Promise<void> {
  await writeTargetFile(root, 'etc/locale.conf', text)
  await writeTargetFile(root, 'etc/default/locale', text)
  if (!(await hasTargetFile(root, 'usr/sbin/locale-gen'))) return
  const lines = (await readTargetFile(root, 'etc/locale.gen')).split('\n').filter((line) => line !== '')
  const wanted = locales.map((locale) => `${locale} ${/\.([^@]+)/.exec(locale)?.[1] ?? 'ISO-8859-1'}`)
  await writeTargetFile(root, 'etc/locale.gen', [...new Set([...lines, ...wanted]), ''].join('\n'))
  await context.target.bindSystemFolders()
  await runTool(context, ['chroot', root, '/usr/sbin/locale-gen'])
}

/** Debian's file, which its console and X11 read; elsewhere that of systemd. */
async function applyKeyboard(root: string, layout: string, context: StepContext): Promise<void> {
  const debian = 'etc/default/keyboard'
  const systemd = 'etc/vconsole.conf'
  const hasDebian = await hasTargetFile(root, debian)
  if (hasDebian) {
    await writeTargetFile(root, debian, withSetting(await readTargetFile(root, debian), 'XKBLAYOUT', `"${layout}"`))
  }
  const setup = 'usr/lib/systemd/systemd-vconsole-setup'
  if ((await hasTargetFile(root, systemd)) || (await hasTargetFile(root, setup))) {
    await writeTargetFile(root, systemd, withSetting(await readTargetFile(root, systemd), 'KEYMAP', layout))
  } else if (!hasDebian) {
    context.output('log', 'the applied system has no settings of a keyboard, and keeps what it has')
  }
}
