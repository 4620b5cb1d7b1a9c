/**
 * Capture Windows Settings (S2-071): name and time zone of the system that is there now become variables that Apply
 * Windows Settings takes. A Linux has no registered user or organization, so there is nothing to keep of them. The
 * registry of a Windows is not read.
 */

import { lstat, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Variable } from '../../server/sequence/environment.ts'
import type { CaptureWindowsSettings } from '../../server/sequence/step-types/capture-windows-settings.ts'
import { withInstalledSystem } from '../installed-root.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded, variable } from '../step-context.ts'
import { readTargetFile } from '../target-files.ts'
import { isWindows } from '../windows-target.ts'

export async function captureWindowsSettings(
  action: CaptureWindowsSettings,
  context: StepContext,
): Promise<StepResult> {
  return withInstalledSystem(context, async (root) => {
    if (await isWindows(root)) {
      throw new StepFailed(
        'the settings of a Windows can be captured by an agent in it only: set the variables instead',
      )
    }
    const variables: Variable[] = []
    const name = await nameOf(root)
    if (action.computerName && name !== '') variables.push(variable('OSDComputerName', name))
    const timeZone = action.timeZone ? await timeZoneOf(root) : ''
    if (timeZone !== '') variables.push(variable('OSDTimeZone', timeZone))
    if (action.registration) context.output('log', 'a Linux has no registered user and organization')
    for (const { name: kept, value } of variables) context.output('log', `${kept} is ${value}`)
    return { ...stepSucceeded, variables }
  })
}

async function nameOf(root: string): Promise<string> {
  const [line = ''] = (await readTargetFile(root, 'etc/hostname')).split('\n').filter((text) => !text.startsWith('#'))
  return line.trim() === '' && root === '/' ? hostname() : line.trim()
}

/** The link says it everywhere; Debian writes the name into a file as well. */
async function timeZoneOf(root: string): Promise<string> {
  const link = join(root, 'etc/localtime')
  const isLink = (await lstat(link).catch(() => undefined))?.isSymbolicLink() === true
  const [, zone = ''] = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(isLink ? await readlink(link) : '') ?? []
  return zone === '' ? (await readTargetFile(root, 'etc/timezone')).trim() : zone
}
