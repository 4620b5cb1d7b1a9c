/** Run Command Line: what the line does is what `sh -c` does with it, and no list of processes shows the line. */

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { runCommandLine } from '../../../bootstrap/steps/run-command-line.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import { actionOf, environmentOf } from '../../support/actions.ts'
import { makeContent, serveContent } from '../content-server.ts'
import { makeContext, makeFolder } from '../loop-disk.ts'

const command = actionOf({ type: 'run-command-line', commandLine: 'true', successCodes: [0] })

const likeShell = test.macro(async (t, commandLine: string) => {
  const context = makeContext(makeFolder(t))
  const result = await runCommandLine({ ...command, commandLine, outputVariable: 'Out' }, context)
  const expected = spawnSync('sh', ['-c', commandLine], { cwd: '/', input: '', encoding: 'utf8' })
  t.is(result.exitCode, expected.signal === 'SIGKILL' ? 128 + 9 : (expected.status ?? -1))
  t.is(result.variables[0]?.value, expected.stdout.trimEnd())
})

test(
  'S1-018: quotes and variables are the shell’s',
  likeShell,
  `x='a  b'; echo "$x" '$x' \\$x "\`echo y\`" $# "$1" "$0"`,
)
test(
  'S1-018: several lines and a here-document',
  likeShell,
  'if true\nthen cat <<END\none $((1 + 1))\nEND\nfi\nexit 4\n',
)
test('S1-018: nothing stands on standard input', likeShell, 'cat; read line; echo $?')
test('S1-018: a line that the shell cannot read', likeShell, 'echo before\nif then')
test('S1-018: a program that is not there', likeShell, 'no-such-program-anywhere')
test('S1-018: a command that ends by a signal', likeShell, 'kill -9 $$')
test('S1-018: set -e and a trap', likeShell, 'trap "echo left" EXIT; set -e; false; echo never')
test('S1-018: exec', likeShell, 'exec sh -c "exit 7"')
test('S1-018: a comment at the end', likeShell, 'echo one # two')
test('S1-018: an empty line', likeShell, '')

function printed({ lines }: { readonly lines: readonly string[] }): string {
  const printedLines = lines.filter((line) => line.startsWith('stdout '))
  return printedLines.map((line) => line.slice('stdout '.length)).join('\n')
}

/** Everything that others can see of the shell, and everything it hands on. */
const look = `tr '\\0' ' ' < /proc/$$/cmdline; tr '\\0' '\\n' < /proc/$$/environ; env; set; : swordfish`

test('A08: the list of processes and the environment show nothing of the line', async (t) => {
  const context = makeContext(makeFolder(t))
  const result = await runCommandLine({ ...command, commandLine: look, outputVariable: 'Out' }, context)
  t.is(result.exitCode, 0)
  t.regex(printed(context), /^sh -c [^]*\nREVEILLE_VARIABLES=/)
  t.notRegex(printed(context), /swordfish/)
})

test('A08: what one step was told is not in the environment of the next', async (t) => {
  const folder = makeFolder(t)
  await runCommandLine({ ...command, commandLine: 'export PASSWORD=swordfish' }, makeContext(folder))
  const context = makeContext(folder)
  const result = await runCommandLine({ ...command, commandLine: 'env' }, context)
  t.is(result.exitCode, 0)
  t.regex(printed(context), /\nREVEILLE_VARIABLES=/)
  t.notRegex(printed(context), /swordfish/)
})

test('the line runs in its working directory, and one that is not there fails the step', async (t) => {
  const folder = makeFolder(t)
  const workingDirectory = join(folder, "it's here")
  mkdirSync(workingDirectory)
  const here = { ...command, commandLine: 'pwd', workingDirectory, outputVariable: 'Out' }
  t.is((await runCommandLine(here, makeContext(folder))).variables[0]?.value, workingDirectory)
  const nowhere = { ...here, workingDirectory: join(folder, 'nowhere') }
  await t.throwsAsync(runCommandLine(nowhere, makeContext(folder)), {
    message: /working directory .*nowhere is not there/,
  })
})

test('S2-004, 70: at the time limit the line and what it started end', async (t) => {
  const limit = new AbortController()
  const context = makeContext(makeFolder(t), { signal: limit.signal, output: () => limit.abort() })
  const result = await runCommandLine({ ...command, commandLine: 'sleep 300 & echo started; wait' }, context)
  t.is(result.exitCode, 143)
})

test('S2-008: the variable gets the last 1,000 characters', async (t) => {
  const context = makeContext(makeFolder(t))
  const commandLine = 'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; printf "the end\\n\\n"'
  const result = await runCommandLine({ ...command, commandLine, outputVariable: 'Out' }, context)
  const value = result.variables[0]?.value ?? ''
  t.is(value.length, 1_000)
  t.regex(value, /line 19999\nthe end$/)
})

test('S2-008: no half of a character is kept', async (t) => {
  const context = makeContext(makeFolder(t))
  const commandLine = `printf '\\360\\237\\230\\200%0999d' 1`
  const result = await runCommandLine({ ...command, commandLine, outputVariable: 'Out' }, context)
  t.is(result.variables[0]?.value, '1'.padStart(999, '0'))
})

test('S1-018: bash and Python read the line too, with nothing on standard input', async (t) => {
  const context = makeContext(makeFolder(t))
  const bash = { ...command, shell: 'bash', commandLine: 'a=(1 2); echo "${a[1]}"; cat; exit 7' } as const
  t.is((await runCommandLine(bash, context)).exitCode, 7)
  const commandLine = 'import sys\nfor n in (1, 2):\n    print(n, repr(sys.stdin.read()), __name__)\nsys.exit(5)'
  const python = { ...command, shell: 'python3', commandLine, outputVariable: 'Out' } as const
  const result = await runCommandLine(python, context)
  t.is(result.exitCode, 5)
  t.is(result.variables[0]?.value, "1 '' __main__\n2 '' __main__")
})

test('S1-039: exit 3010 asks for a restart, where it is a success', async (t) => {
  const context = makeContext(makeFolder(t))
  const line = { ...command, commandLine: 'exit 3010' }
  t.is((await runCommandLine({ ...line, successCodes: [0, 3010] }, context)).exitCode, 3010)
  t.is((await runCommandLine({ ...line, successCodes: [0] }, context)).exitCode, 194)
  t.is((await runCommandLine({ ...line, successCodes: [0, 194, 3010] }, context)).exitCode, 194)
})

test('S1-091: the log has the line, masked, unless it is hidden', async (t) => {
  // Four characters are too few to be masked in output.
  const context = makeContext(makeFolder(t), { environment: environmentOf({ Pin: '7777' }, ['Pin']) })
  context.redactor.learn('swordfish')
  await runCommandLine({ ...command, commandLine: ': swordfish 7777' }, context)
  await runCommandLine({ ...command, commandLine: ': one\n: two\n: three\n' }, context)
  context.set.set('OSDDoNotLogCommand', 'TRUE')
  await runCommandLine({ ...command, commandLine: ': again' }, context)
  t.deepEqual(context.lines, ['log : *** ***', 'log : one (and 2 more lines)', 'log the command line is not shown'])
})

const tree = { 'bin/hello': { text: '#!/bin/sh\npwd\n', executable: true }, 'data.txt': { text: 'data' } } as const

test('S2-003: a package is fetched once, and a relative folder starts in it', async (t) => {
  const folder = makeFolder(t)
  const { download, requests } = await serveContent(t, { RVL00001: tree })
  const context = makeContext(folder, { content: [makeContent('RVL00001', tree)], download })
  const packaged = { ...command, packageId: 'RVL00001', outputVariable: 'Out' }
  const first = await runCommandLine({ ...packaged, commandLine: 'cat data.txt' }, context)
  t.is(first.variables[0]?.value, 'data')
  const second = await runCommandLine({ ...packaged, commandLine: './hello', workingDirectory: 'bin' }, context)
  t.is(second.variables[0]?.value, join(folder, 'scratch/packages/RVL00001.1/bin'))
  t.is(requests.length, 2)
})

test('S2-003: a package that is not there fails the step', async (t) => {
  const context = makeContext(makeFolder(t))
  const packaged = { ...command, packageId: 'RVL00001', commandLine: 'true' }
  await t.throwsAsync(runCommandLine(packaged, context), { message: /package RVL00001 is not among the content/ })
})

test('S2-003: octets that are not the package’s are not run', async (t) => {
  const { download } = await serveContent(t, { RVL00001: { ...tree, 'data.txt': { text: 'evil' } } })
  const context = makeContext(makeFolder(t), { content: [makeContent('RVL00001', tree)], download })
  const packaged = { ...command, packageId: 'RVL00001', commandLine: 'true' }
  await t.throwsAsync(runCommandLine(packaged, context), { message: /wrong hash/ })
})

const asDaemon = { ...command, runAsUser: true, userName: 'daemon', userPassword: 'swordfish' }

test('S2-006: in the boot image a step with an account fails, and says why', async (t) => {
  const context = makeContext(makeFolder(t))
  const line = { ...asDaemon, commandLine: 'touch /tmp/never' }
  await t.throwsAsync(runCommandLine(line, context), { message: /boot image has no accounts, so .* as daemon/ })
})

test('S2-006: in the installed system it runs as the account, which can leave variables', async (t) => {
  const context = makeContext(makeFolder(t), { where: 'installed-system' })
  const commandLine =
    'id -un; echo "$HOME $USER"; echo "Left=it" > "$REVEILLE_VARIABLES"; tr "\\0" " " < /proc/$$/cmdline'
  const result = await runCommandLine({ ...asDaemon, commandLine, outputVariable: 'Out' }, context)
  t.is(result.message, '')
  t.regex(result.variables[0]?.value ?? '', /^daemon\n\/usr\/sbin daemon\n(?![^]*swordfish)/)
  t.deepEqual(result.variables[1], { name: 'Left', value: 'it', secret: false })
})

test('S2-006: the account can read its package and not change it', async (t) => {
  const folder = makeFolder(t)
  chmodSync(folder, 0o755)
  const { download } = await serveContent(t, { RVL00001: tree })
  const target = new TargetSystem(join(folder, 'root'), () => {})
  mkdirSync(target.root)
  const context = makeContext(folder, {
    where: 'installed-system',
    target,
    content: [makeContent('RVL00001', tree)],
    download,
  })
  const commandLine = 'cat data.txt; bin/hello >/dev/null && echo; echo x >> data.txt'
  const line = { ...asDaemon, commandLine, packageId: 'RVL00001', outputVariable: 'Out' }
  const result = await runCommandLine(line, context)
  t.is(result.variables[0]?.value, 'data')
  t.regex(result.message, /Permission denied/)
})

test('S2-009: SMSTSRunCommandLineAsUser lets every step run as the account', async (t) => {
  const context = makeContext(makeFolder(t), { where: 'installed-system' })
  context.set.set('SMSTSRunCommandLineAsUser', 'TRUE')
  const line = { ...command, userName: 'daemon', commandLine: 'id -un', outputVariable: 'Out' }
  t.is((await runCommandLine(line, context)).variables[0]?.value, 'daemon')
  const nobody = { ...command, commandLine: 'id -un' }
  await t.throwsAsync(runCommandLine(nobody, context), { message: /SMSTSRunCommandLineUserName does not name/ })
  const stranger = { ...line, userName: 'no-such-account' }
  await t.throwsAsync(runCommandLine(stranger, context), { message: /does not have the account no-such-account/ })
})
