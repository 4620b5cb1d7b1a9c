/** Programs with limits: output, return codes, time-outs and masking, with real processes. */

import { readFile } from 'node:fs/promises'
import test from 'ava'
import { runCommand } from '../../bootstrap/command.ts'
import { Redactor } from '../../bootstrap/redactor.ts'

test('output comes line by line, carriage returns count, and the end is kept', async (t) => {
  const lines: string[] = []
  const script = 'printf "one\\ntwo\\rthree"; echo four >&2; exit 7'
  const result = await runCommand({
    program: 'sh',
    arguments: ['-c', script],
    onLine: (stream, line) => lines.push(`${stream} ${line}`),
  })
  t.is(result.exitCode, 7)
  t.deepEqual(lines.sort(), ['stderr four', 'stdout one', 'stdout three', 'stdout two'])
  t.is(result.stdout, 'one\ntwo\rthree')
  t.true(result.tail.includes('four'))
})

test('arguments reach the program without a shell', async (t) => {
  const { stdout } = await runCommand({ program: 'printf', arguments: ['%s', '$HOME `id` "x"'] })
  t.is(stdout, '$HOME `id` "x"')
})

test('a program that does not exist ends with 127', async (t) => {
  t.is((await runCommand({ program: '/no/such/program', arguments: [] })).exitCode, 127)
})

test('70: at the time limit the whole process group ends', async (t) => {
  const lines: string[] = []
  const limit = new AbortController()
  const script = 'sleep 300 & echo $!; sleep 300'
  const result = await runCommand({
    program: 'sh',
    arguments: ['-c', script],
    signal: limit.signal,
    onLine: (_stream, line) => {
      lines.push(line)
      limit.abort()
    },
  })
  t.is(result.exitCode, 143)
  // An orphan that nobody has reaped yet is dead all the same.
  t.regex(await readFile(`/proc/${lines[0]}/stat`, 'utf8').catch(() => 'gone'), /^gone$|\) [ZX] /)
})

test('A08: a secret in the output is masked in the lines, and the captured text stays as it is', async (t) => {
  const redactor = new Redactor()
  redactor.learn('swordfish')
  const lines: string[] = []
  const script = 'printf "the sword"; sleep 0.05; printf "fish is here\\n"'
  const { stdout, tail } = await runCommand({
    program: 'sh',
    arguments: ['-c', script],
    redaction: () => redactor.stream(),
    onLine: (_stream, line) => lines.push(line),
  })
  t.deepEqual(lines, ['the *** is here'])
  t.is(tail, 'the *** is here')
  t.is(stdout, 'the swordfish is here\n')
})
