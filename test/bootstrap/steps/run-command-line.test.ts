/** Run Command Line: what the line does is what `sh -c` does with it, and no list of processes shows the line. */

import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { runCommandLine } from '../../../bootstrap/steps/run-command-line.ts'
import type { RunCommandLine } from '../../../server/sequence/step-types/run-command-line.ts'
import { makeContext, makeFolder } from '../loop-disk.ts'

const command: RunCommandLine = {
  type: 'run-command-line',
  commandLine: '',
  workingDirectory: '',
  successCodes: [0],
  inTargetSystem: false,
  shell: 'sh',
  disable64BitRedirection: false,
  runAsUser: false,
}

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

/** Everything that others can see of the shell, and everything it hands on. */
const look = `tr '\\0' ' ' < /proc/$$/cmdline; tr '\\0' '\\n' < /proc/$$/environ; env; set; : swordfish`

test('A08: the list of processes and the environment show nothing of the line', async (t) => {
  const context = makeContext(makeFolder(t))
  const result = await runCommandLine({ ...command, commandLine: look, outputVariable: 'Out' }, context)
  t.is(result.exitCode, 0)
  t.regex(result.variables[0]?.value ?? '', /^sh -c [^]*\nREVEILLE_VARIABLES=/)
  t.notRegex(result.variables[0]?.value ?? '', /swordfish/)
})

test('A08: what one step was told is not in the environment of the next', async (t) => {
  const context = makeContext(makeFolder(t))
  await runCommandLine({ ...command, commandLine: 'export PASSWORD=swordfish' }, context)
  const result = await runCommandLine({ ...command, commandLine: 'env', outputVariable: 'Out' }, context)
  t.notRegex(result.variables[0]?.value ?? '', /swordfish/)
})

test('the line runs in its working directory, and one that is not there fails the step', async (t) => {
  const folder = makeFolder(t)
  const workingDirectory = join(folder, "it's here")
  mkdirSync(workingDirectory)
  const here = { ...command, commandLine: 'pwd', workingDirectory, outputVariable: 'Out' }
  t.is((await runCommandLine(here, makeContext(folder))).variables[0]?.value, workingDirectory)
  const nowhere = { ...here, workingDirectory: join(folder, 'nowhere') }
  t.not((await runCommandLine(nowhere, makeContext(folder))).exitCode, 0)
})

test('70: at the time limit the line and what it started end', async (t) => {
  const limit = new AbortController()
  const context = makeContext(makeFolder(t), { signal: limit.signal, output: () => limit.abort() })
  const result = await runCommandLine({ ...command, commandLine: 'sleep 300 & echo started; wait' }, context)
  t.is(result.exitCode, 143)
})
