/**
 * Answers what conditions ask of this machine (server/sequence/inspection.ts), for Linux. The facts are those of the
 * system that runs: in the boot image its own, with one exception: a path that begins with the value of
 * OSDTargetSystemRoot is looked up in the applied system, whose links lead nowhere outside of it. A link counts as what it
 * leads to. What Linux does not have (a registry, WMI but for what wmi-query.ts knows, versions inside files, Windows
 * Installer) is unavailable, with the reason that people read. Nothing is changed, but that the applied system may be mounted.
 */

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemErrorCode } from '../server/caught-error.ts'
import type { Hardware } from '../server/contract/agent.ts'
import type { MachineAnswer, MachineQuestion, PathAnswer } from '../server/sequence/inspection.ts'
import { runCommand } from './command.ts'
import { readOsRelease, readSettings } from './os-release.ts'
import { requireTarget } from './require-target.ts'
import { resolveInside } from './resolve-inside.ts'
import type { StepContext } from './step-context.ts'
import { answerWmiQuery } from './wmi-query.ts'

export interface InspectionContext extends Pick<StepContext, 'where' | 'target' | 'variable'> {
  readonly hardware: Hardware
  /** `/`; a folder that stands for it in tests. */
  readonly systemRoot?: string
}

/** A package manager that waits for a lock would hold up the run. */
const packageQueryMs = 30_000

export async function inspectMachine(
  questions: readonly MachineQuestion[],
  context: InspectionContext,
): Promise<readonly MachineAnswer[]> {
  const answers: MachineAnswer[] = []
  for (const question of questions) answers.push(await answer(question, context))
  return answers
}

async function answer(question: MachineQuestion, context: InspectionContext): Promise<MachineAnswer> {
  switch (question.kind) {
    case 'os-version':
      return readSystem(context)
    case 'os-language':
      return { kind: 'os-language', language: await readLanguage(context) }
    case 'file':
    case 'folder':
      return lookUp(question.path, context)
    case 'registry':
      return unavailable('there is no registry on Linux')
    case 'wmi':
      return answerWmiQuery(question, context.hardware)
    case 'software':
      if (!('package' in question)) return unavailable('there is no Windows Installer on Linux')
      return readVersions(question.package)
    default:
      return question satisfies never
  }
}

/** os-release(5). */
async function readSystem(context: InspectionContext): Promise<MachineAnswer> {
  const values = await readOsRelease(context.systemRoot ?? '/')
  const system = values.get('ID') ?? ''
  if (system === '') return unavailable('this system has no os-release file that names it')
  const like = (values.get('ID_LIKE') ?? '').split(' ').filter((word) => word !== '')
  const { architecture } = context.hardware
  return { kind: 'os-version', system, like, version: values.get('VERSION_ID') ?? '', architecture }
}

/** locale.conf(5) and Debian's place for the same; without one programs speak English. */
async function readLanguage(context: InspectionContext): Promise<string> {
  const values = await readSettings(context.systemRoot ?? '/', ['etc/locale.conf', 'etc/default/locale'])
  const locale = values.get('LC_ALL') ?? values.get('LC_MESSAGES') ?? values.get('LANG') ?? ''
  const [language = ''] = locale.split(/[.@]/)
  return ['', 'C', 'POSIX'].includes(language) ? 'en-US' : language.replaceAll('_', '-')
}

async function lookUp(path: string, context: InspectionContext): Promise<MachineAnswer> {
  if (!path.startsWith('/')) return unavailable('a full path on Linux begins with "/"')
  const below = pathInTarget(path, context)
  if (below === undefined) return describe(join(context.systemRoot ?? '/', path))
  try {
    const place = await resolveInside(await requireTarget(context), below)
    return place === undefined ? nothing : await describe(place)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return unavailable(`the applied system cannot be looked into (${error.message})`)
  }
}

/** The part below the applied system's root, when the path begins there. */
function pathInTarget(path: string, { where, variable }: InspectionContext): string | undefined {
  const root = variable('OSDTargetSystemRoot')
  if (where !== 'boot-image' || root === '' || root === '/') return undefined
  if (path === root) return ''
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined
}

const nothing: PathAnswer = { kind: 'path', found: 'nothing' }

async function describe(place: string): Promise<MachineAnswer> {
  try {
    const status = await stat(place)
    const found = status.isDirectory() ? 'folder' : status.isFile() ? 'file' : 'other'
    return { kind: 'path', found, modifiedAt: `${status.mtime.toISOString().slice(0, 19)}Z` }
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined) throw error
    // What lies behind a link that leads nowhere, or below a file, is not there.
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(code)) return nothing
    return unavailable(`the path cannot be looked at (${code})`)
  }
}

async function readVersions(name: string): Promise<MachineAnswer> {
  if (!/^[a-z0-9][a-z0-9+._:-]*$/i.test(name)) return unavailable('this is not the name of a package')
  const status = ['-W', '-f', '${db:Status-Status} ${Version}\n', '--', name]
  const dpkg = await ask('dpkg-query', status)
  if (dpkg.exitCode !== programMissing) {
    const lines = dpkg.stdout.split('\n').filter((line) => line.startsWith('installed '))
    return { kind: 'software', versions: lines.map((line) => line.slice('installed '.length)) }
  }
  const rpm = await ask('rpm', ['-q', '--qf', '%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n', '--', name])
  // The boot image has busybox's rpm, which knows no installed packages and prints how it is used.
  const isAnswer = rpm.exitCode === 0 || rpm.stdout.includes('is not installed')
  if (!isAnswer) return unavailable('this system has neither dpkg nor rpm')
  const versions = rpm.exitCode === 0 ? rpm.stdout.split('\n').filter((line) => line !== '') : []
  return { kind: 'software', versions }
}

/** As the shell reports it. */
const programMissing = 127

async function ask(program: string, words: readonly string[]): Promise<{ exitCode: number; stdout: string }> {
  const environment = { LC_ALL: 'C.UTF-8' }
  return runCommand({ program, arguments: words, environment, signal: AbortSignal.timeout(packageQueryMs) })
}

function unavailable(reason: string): MachineAnswer {
  return { kind: 'unavailable', reason }
}
