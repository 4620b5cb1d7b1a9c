/** Install Package with real commands, its content from a server on loopback. */

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { installPackage } from '../../../bootstrap/steps/install-package.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import type { InstallPackage } from '../../../server/sequence/step-types/install-package.ts'
import type { Program } from '../../../server/site/package.ts'
import { makeContent, serveContent } from '../content-server.ts'
import { makeContext, makeFolder, type TestContext } from '../loop-disk.ts'

function program(name: string, commandLine: string, more: Partial<Program> = {}): Program {
  return {
    name,
    description: '',
    commandLine,
    workingDirectory: '',
    runMode: 'local-system',
    maxRunTimeMinutes: 0,
    allowedPlatforms: [],
    allowInstallFromTaskSequence: true,
    afterRunning: 'restart-by-exit-code',
    successCodes: [0],
    ...more,
  }
}

const tree = { 'setup.sh': { text: 'echo "setup $1" >> "$2"\n', executable: true }, 'sub/a': { text: 'A' } } as const
const fixed: InstallPackage = {
  type: 'install-package',
  packageId: 'RVL00001',
  programName: '',
  continueOnFailure: false,
}
const dynamic: InstallPackage = {
  type: 'install-package',
  programName: '',
  baseVariable: 'Pkg',
  continueOnFailure: false,
}

interface Site {
  readonly context: TestContext
  /** What the programs wrote. */
  readonly written: () => string
}

async function makeSite(t: ExecutionContext, programs: (log: string) => readonly Program[]): Promise<Site> {
  const folder = makeFolder(t)
  mkdirSync(join(folder, 'root'))
  const { download } = await serveContent(t, { RVL00001: tree })
  const log = join(folder, 'log')
  const content = [makeContent('RVL00001', tree, { programs: programs(log) })]
  const target = new TargetSystem(join(folder, 'root'), () => {})
  const context = makeContext(folder, { where: 'installed-system', target, content, download })
  return { context, written: () => readFileSync(log, 'utf8') }
}

test('S2-035: a program runs in its package, every time, and 3010 asks for a restart', async (t) => {
  const { context, written } = await makeSite(t, (log) => [
    program('Setup', `./setup.sh one ${log}; exit 3010`),
    program('Sub', `cat a >> ${log}`, { workingDirectory: 'sub' }),
  ])
  const setup = { ...fixed, programName: 'Setup' }
  const first = await installPackage(setup, context)
  t.is(first.message, '')
  t.is(first.exitCode, 3_010)
  t.is((await installPackage(setup, context)).exitCode, 3_010)
  t.is((await installPackage({ ...fixed, programName: 'Sub' }, context)).exitCode, 0)
  t.is(written(), 'setup one\nsetup one\nA')
})

test('S2-035: what a program’s exit code means stands in its package', async (t) => {
  const { context } = await makeSite(t, () => [
    program('Seven', 'exit 7', { successCodes: [7] }),
    program('Quiet', 'exit 3010', { successCodes: [0, 3_010], afterRunning: 'no-restart' }),
    program('Bad', 'echo broken >&2; exit 3'),
  ])
  t.is((await installPackage({ ...fixed, programName: 'Seven' }, context)).exitCode, 0)
  t.is((await installPackage({ ...fixed, programName: 'Quiet' }, context)).exitCode, 0)
  const bad = await installPackage({ ...fixed, programName: 'Bad' }, context)
  t.is(bad.exitCode, 3)
  t.is(bad.message, 'RVL00001:Bad: exit code 3: broken')
})

test('S2-035: a program that needs another one fails until that one has run', async (t) => {
  const { context } = await makeSite(t, () => [
    program('First', 'true'),
    program('Second', 'true', { runFirst: { packageId: makeContent('RVL00001', {}).id, programName: 'First' } }),
  ])
  const second = { ...fixed, programName: 'Second' }
  t.regex((await installPackage(second, context)).message, /RVL00001:First must run first/)
  context.keep(await installPackage({ ...fixed, programName: 'First' }, context))
  t.is((await installPackage(second, context)).exitCode, 0)
})

test('S2-035: a program for another system does not run', async (t) => {
  const { context } = await makeSite(t, () => [
    program('Windows', 'exit 9', {
      allowedPlatforms: [{ system: 'windows' }, { system: 'linux', architecture: 'arm64' }],
    }),
    program('Here', 'true', { allowedPlatforms: [{ system: 'linux', architecture: 'x64' }] }),
  ])
  const result = await installPackage({ ...fixed, programName: 'Windows' }, context)
  t.is(result.exitCode, 1)
  t.regex(result.message, /not for this system/)
  t.is((await installPackage({ ...fixed, programName: 'Here' }, context)).exitCode, 0)
})

test('S2-036: a dynamic list in its order, with one restart at the end', async (t) => {
  const { context, written } = await makeSite(t, (log) => [
    program('One', `echo one >> ${log}; exit 3010`),
    program('Two', `echo two >> ${log}`),
  ])
  context.set.set('Pkg001', 'RVL00001:One').set('Pkg002', 'RVL00001:Two').set('Pkg004', 'RVL00001:Two')
  t.is((await installPackage(dynamic, context)).exitCode, 3_010)
  t.is(written(), 'one\ntwo\n')
})

test('S2-036: without the first variable nothing is installed', async (t) => {
  const { context } = await makeSite(t, () => [])
  t.is((await installPackage(dynamic, context)).exitCode, 0)
  t.deepEqual(context.lines, ['log Pkg001 is not set, so nothing is installed'])
})

const refused = test.macro(async (t, value: string, message: RegExp) => {
  const { context } = await makeSite(t, () => [
    program('Setup', 'true'),
    program('Closed', 'true', { allowInstallFromTaskSequence: false }),
  ])
  context.set.set('Pkg001', value)
  const result = await installPackage(dynamic, context)
  t.is(result.exitCode, 1)
  t.regex(result.message, message)
})

test('S2-036: small letters in the package id', refused, 'rvl00001:Setup', /not a package id with capital letters/)
test('S2-036: a wrong format', refused, 'RVL00001', /not a package id/)
test('S2-036: the program is spelled exactly', refused, 'RVL00001:setup', /no program of this name/)
test('S2-036: a program that is not allowed in lists', refused, 'RVL00001:Closed', /may not be installed from a list/)
test('S2-036: a package that is not in the run', refused, 'RVL00002:Setup', /not among the content of this run/)

test('S2-036: the others are installed all the same, where the step says so', async (t) => {
  const { context, written } = await makeSite(t, (log) => [
    program('Bad', 'exit 3'),
    program('Good', `echo good >> ${log}`),
  ])
  context.set.set('Pkg001', 'RVL00001:Bad').set('Pkg002', 'RVL00001:Good')
  t.is((await installPackage(dynamic, context)).exitCode, 3)
  t.is((await installPackage({ ...dynamic, continueOnFailure: true }, context)).exitCode, 0)
  t.is(written(), 'good\n')
})

test('S2-037: OSDDoNotLogCommand hides the program', async (t) => {
  const { context } = await makeSite(t, () => [program('Secret name', 'exit 3')])
  context.set.set('OSDDoNotLogCommand', 'TRUE')
  const result = await installPackage({ ...fixed, programName: 'Secret name' }, context)
  t.regex(result.message, /^RVL00001 \(program not shown\)/)
  t.notRegex(context.lines.join('\n'), /Secret name/)
})
