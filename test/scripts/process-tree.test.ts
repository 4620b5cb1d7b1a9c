/** What a server costs is counted with what it started, whether in a control group or in /proc alone. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import {
  anonymousKilobytes,
  enterGroup,
  leaveGroup,
  type Measured,
  openDescriptors,
  processorMs,
} from '../../scripts/bench/process-tree.ts'

/** A shell that starts Node, which works for a moment, takes memory and opens files; ends when its input does. */
const child = `
const { openSync } = require('node:fs')
while (process.cpuUsage().user < 300_000);
const kept = Buffer.alloc(64 * 1024 * 1024, 1)
const files = Array.from({ length: 40 }, () => openSync('/dev/null'))
console.log('ready')
process.stdin.on('end', () => process.exit(kept.length === files.length ? 1 : 0)).resume()
`

async function started(t: ExecutionContext): Promise<number> {
  const shell = spawn('sh', ['-c', '"$0" -e "$1"; exit', process.execPath, child], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    const ended = once(shell, 'close')
    shell.stdin.end()
    await ended
  })
  await once(shell.stdout, 'data')
  return shell.pid ?? 0
}

for (const [name, measuredOf] of [
  ['in /proc', (pid: number): Measured => ({ pid })],
  ['in a control group, where one can be made', (pid: number): Measured => enterGroup(pid)],
] as const) {
  test(`a child's memory and descriptors belong to the tree, ${name}`, async (t) => {
    const groups: Measured[] = []
    // Behind the end of the processes in it: what is begun first is ended last.
    t.teardown(() => groups.map(leaveGroup))
    const measured = measuredOf(await started(t))
    groups.push(measured)
    t.true(anonymousKilobytes(measured) > 64 * 1_024)
    t.true(openDescriptors(measured) > 40 + 3)
  })
}

test('processor time of a child that still runs is counted', async (t) => {
  t.true(processorMs({ pid: await started(t) }) >= 200)
})

test('a process that is not there costs nothing', (t) => {
  const none = { pid: 2 ** 22 + 1 }
  t.deepEqual([anonymousKilobytes(none), openDescriptors(none), processorMs(none)], [0, 0, 0])
})
