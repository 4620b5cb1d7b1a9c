/** Looking for an unfinished run on disks, with loop devices. Needs root. */

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { findUnfinishedRun } from '../../bootstrap/find-unfinished-run.ts'
import { RunFile, runFileVersion, runFolder, type SavedRun } from '../../bootstrap/run-file.ts'
import { parseDeploymentId, parseRunId } from '../../server/address/identifiers.ts'
import { waitUntil } from '../../scripts/wait-for.ts'
import { startRun } from '../../server/sequence/advance.ts'
import { makeFolder, makeLoopDisk } from './loop-disk.ts'

function savedFor(macAddress: string): SavedRun {
  const runId = parseRunId('0123456789abcdef0123456789abcdef')
  const deploymentId = parseDeploymentId('RVL20001')
  if (runId === undefined || deploymentId === undefined) throw new Error('a wrong fixture')
  const run = startRun({ name: 'Test', description: '', children: [] }, [])
  const machine = { macAddresses: [macAddress] }
  const rest = { server: [], machine, content: [], run, reports: [], firstReport: 1 }
  return { version: runFileVersion, savedAtMs: 5, runId, deploymentId, resumeTicket: 'ticket-1', ...rest }
}

test.serial(
  '31: an unfinished run of this machine is found on its disk, and one of another machine is not',
  async (t) => {
    const { disk, folder } = makeLoopDisk(t, 64 * 1024 * 1024)
    const empty = makeLoopDisk(t, 16 * 1024 * 1024)
    execFileSync('mkfs.ext4', ['-q', '-F', disk.device])
    const place = join(folder, 'write')
    mkdirSync(place)
    execFileSync('mount', [disk.device, place])
    new RunFile(join(place, runFolder)).save(savedFor('52:54:00:00:00:01'))
    execFileSync('umount', [place])
    const look = join(makeFolder(t), 'look')
    const found = await findUnfinishedRun(
      [empty.disk, disk],
      { machine: { macAddresses: ['52:54:00:00:00:01'] } },
      look,
    )
    t.is(found?.device, disk.device)
    t.is(found?.saved.resumeTicket, 'ticket-1')
    t.is(await findUnfinishedRun([disk], { machine: { macAddresses: ['52:54:00:00:00:02'] } }, look), undefined)
    t.false(readFileSync('/proc/self/mounts', 'utf8').includes(`${disk.device} `))
  },
)

test.serial('31: a run on an NTFS volume is found too, when only its owner may read it', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 32 * 1024 * 1024)
  execFileSync('mkntfs', ['--quick', '--force', disk.device], { stdio: 'pipe' })
  const place = join(folder, 'write')
  mkdirSync(place)
  const look = join(makeFolder(t), 'look')
  const machine = { macAddresses: ['52:54:00:00:00:01'] }
  for (const mode of [0o600, 0o644]) {
    execFileSync('mount', ['-t', 'ntfs-3g', '-o', 'permissions', disk.device, place])
    new RunFile(join(place, runFolder)).save(savedFor('52:54:00:00:00:01'))
    chmodSync(join(place, runFolder, 'run.json'), mode)
    // Whoever looks at new mounts keeps this one busy for a moment.
    await waitUntil('the volume is unmounted', () => spawnSync('umount', [place]).status === 0, { withinMs: 10_000 })
    t.is((await findUnfinishedRun([disk], { machine }, look))?.device, mode === 0o600 ? disk.device : undefined)
  }
})
