/** The state of a run leaves a volume before a program writes to the volume itself, and comes back. Needs root. */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { loadRun, loadRunBelow, runFileVersion } from '../../bootstrap/run-file.ts'
import { RunKeeper } from '../../bootstrap/run-keeper.ts'
import { TargetSystem } from '../../bootstrap/target-system.ts'
import { parseDeploymentId, parseRunId } from '../../server/address/identifiers.ts'
import { startRun } from '../../server/sequence/advance.ts'
import { makeLoopDisk, untilFree } from './loop-disk.ts'

test.serial('a volume that is released holds nothing open, and the run waits in memory meanwhile', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 32 * 1024 * 1024)
  execFileSync('mkntfs', ['--quick', '--force', disk.device], { stdio: 'pipe' })
  const runId = parseRunId('0123456789abcdef0123456789abcdef')
  const deploymentId = parseDeploymentId('RVL20001')
  if (runId === undefined || deploymentId === undefined) throw new Error('a wrong fixture')
  const inMemory = join(folder, 'memory')
  const keeper = new RunKeeper(inMemory, {
    version: runFileVersion,
    savedAtMs: 0,
    runId,
    deploymentId,
    resumeTicket: 'ticket-1',
    server: [],
    machine: { macAddresses: [] },
    content: [],
    run: startRun({ name: 'Test', description: '', children: [] }, []),
    reports: [],
    firstReport: 1,
  })
  const target = new TargetSystem(
    join(folder, 'target'),
    (root) => keeper.moveTo(root),
    () => keeper.moveInto(inMemory),
  )
  t.teardown(() => target.unmountAll())
  const partition = { device: disk.device, use: 'primary', fileSystem: 'ntfs' } as const
  for (let times = 1; times <= 2; times += 1) {
    await target.mountRoot(partition)
    keeper.keepTicket(`ticket-on-disk-${times}`)
    t.is(loadRunBelow(target.root)?.resumeTicket, `ticket-on-disk-${times}`)
    t.is(loadRun(inMemory), undefined)
    await target.release()
    t.false(readFileSync('/proc/self/mounts', 'utf8').includes(` ${target.root} `))
    await t.notThrowsAsync(untilFree(disk.device))
    t.is(loadRun(inMemory)?.resumeTicket, `ticket-on-disk-${times}`)
  }
  t.false(existsSync(join(target.root, 'var')))
  await target.release()
  keeper.remove()
})
