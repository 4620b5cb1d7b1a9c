/**
 * Whether an application is there (S2-030): asked of the file system, of the system's package manager (dpkg, otherwise
 * rpm, by their own order of versions), or of a command. And whether a deployment type fits this machine.
 */

import { stat } from 'node:fs/promises'
import { substitute } from '../server/sequence/substitute.ts'
import type { Detection, Requirement } from '../server/site/application.ts'
import { runCommand } from './command.ts'
import { findProgram } from './find-program.ts'
import { runInstallCommand } from './install-command.ts'
import { type StepContext, StepFailed } from './step-context.ts'

export async function isInstalled(detection: Detection, context: StepContext): Promise<boolean> {
  switch (detection.kind) {
    case 'path-exists': {
      const status = await stat(substitute(detection.path, context.environment)).catch(() => undefined)
      return detection.type === 'folder' ? status?.isDirectory() === true : status?.isFile() === true
    }
    case 'package-installed':
      return hasPackage(detection)
    case 'command': {
      const { commandLine } = detection
      const command = { commandLine, workingDirectory: '/', maxRunTimeMinutes: 0, successCodes: [0] }
      return (await runInstallCommand(command, context)).kind === 'succeeded'
    }
    default:
      return detection satisfies never
  }
}

/** The first requirement that this machine does not meet, in words. */
export function unmetRequirement(requirements: readonly Requirement[], { hardware }: StepContext): string | undefined {
  for (const requirement of requirements) {
    switch (requirement.kind) {
      case 'architecture':
        if (!requirement.anyOf.includes(hardware.architecture)) return `it is for ${requirement.anyOf.join(', ')}`
        break
      case 'minimum-memory':
        if (hardware.memoryBytes < requirement.megabytes * 1_048_576)
          return `it needs ${requirement.megabytes} MB of memory`
        break
      case 'system':
        if (!requirement.anyOf.includes('linux')) return `it is for ${requirement.anyOf.join(', ')}`
        break
      default:
        return requirement satisfies never
    }
  }
  return undefined
}

type PackageDetection = Extract<Detection, { readonly kind: 'package-installed' }>

async function hasPackage({ packageName, minimumVersion }: PackageDetection): Promise<boolean> {
  if ((await findProgram('dpkg-query')) !== undefined) {
    const { stdout, exitCode } = await run(
      'dpkg-query',
      '-W',
      '-f',
      '${db:Status-Status}\t${Version}\n',
      '--',
      packageName,
    )
    const versions = stdout.split('\n').flatMap((line) => {
      const [status, version = ''] = line.split('\t')
      return status === 'installed' ? [version] : []
    })
    if (exitCode !== 0 || versions.length === 0) return false
    if (minimumVersion === undefined) return true
    const compared = versions.map((version) => run('dpkg', '--compare-versions', version, 'ge', minimumVersion))
    return (await Promise.all(compared)).some((result) => result.exitCode === 0)
  }
  if ((await findProgram('rpm')) === undefined) {
    throw new StepFailed('this system has neither dpkg nor rpm, so nobody can tell which packages it has')
  }
  const { stdout, exitCode } = await run('rpm', '-q', '--qf', '%{VERSION}-%{RELEASE}\n', '--', packageName)
  if (exitCode !== 0) return false
  if (minimumVersion === undefined) return true
  const orders = stdout
    .trim()
    .split('\n')
    .map((version) => compareRpmVersions(version, minimumVersion))
  return (await Promise.all(orders)).some((order) => order >= 0)
}

/** rpm's own order, by the Lua in it; only characters of versions get there. */
async function compareRpmVersions(version: string, minimum: string): Promise<number> {
  const wellFormed = /^[A-Za-z0-9.+~^:_-]+$/
  if (!wellFormed.test(version) || !wellFormed.test(minimum)) throw new StepFailed(`${minimum} is not a version of rpm`)
  const { stdout } = await run('rpm', '--eval', `%{lua: print(rpm.vercmp("${version}", "${minimum}"))}`)
  return Number(stdout.trim())
}

async function run(program: string, ...words: readonly string[]): ReturnType<typeof runCommand> {
  return runCommand({ program, arguments: words })
}
