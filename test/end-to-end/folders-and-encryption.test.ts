/**
 * Shared folders and encrypted volumes need a kernel that has them, which is the machine's own: a virtual machine with a TPM connects
 * an SMB share and an NFS export, encrypts a volume of data before Debian is applied, and has it opened by its TPM at the next start.
 */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { type FileServer, startFileServer } from '../../scripts/lab/file-server.ts'
import { openLab } from '../../scripts/lab/lab.ts'
import { deployRequired } from '../../scripts/lab/site-setup.ts'
import type { Lane } from '../../server/contract/progress.ts'
import { takePartition } from './take-partition.ts'
import { tellRun } from './tell-run.ts'
import { untilDone } from './until-done.ts'

const runMs = 20 * 60_000
const macAddress = '52:54:00:0c:00:01'

test('S2-016, S2-017, S2-045, S2-048: shares are read and written, and what was encrypted is opened by the TPM', async (t) => {
  const lab = await openLab({
    name: 'enc',
    network: '10.77.42',
    flags: ['--dhcp', 'full', '--pool', '10.77.42.100-10.77.42.150', '--tftp-port', '0'],
  })
  t.teardown(() => lab.close())
  const files = await startFileServer({
    name: 'files',
    bridge: lab.bridge,
    address: '10.77.42.2',
    prefixLength: 24,
    directory: lab.directory,
  })
  t.teardown(() => files.stop())
  writeFileSync(join(files.folder, 'order'), 'a machine, please')
  await deployRequired(lab.server, {
    name: 'enc-1',
    macAddress,
    bootImageId: lab.bootImageId,
    sequence: sequenceFor(files, await lab.addDebian()),
  })
  const disk = { file: join(lab.directory, 'enc.disk'), megabytes: 3_072 }
  const machine = await lab.startMachine({
    name: 'enc',
    macAddress,
    firmware: 'bios',
    disk,
    tpmFolder: join(lab.directory, 'tpm'),
  })
  // Its task sequence holds a password.
  const isWaiting = ({ approvalCode }: Lane): boolean => approvalCode !== undefined
  const waiting = await untilDone(t, lab, { machine, macAddress, timeoutMs: runMs, wanted: isWaiting })
  await lab.server.call('POST', `/api/v1/agent-sessions/${waiting.approvalCode}/approve`)
  const lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: runMs })
  const told = await tellRun(lab.server, lane.run?.runId ?? '')
  t.is(lane.condition, 'succeeded', `${told.join('\n')}\n${files.said()}`)
  for (const line of [
    '  > by SMB: a machine, please',
    '  > by NFS: a machine, please and by SMB',
    '  > nothing that a TPM opens, yet',
    '  > opened by the TPM: dear diary',
  ]) {
    t.true(told.includes(line), `${line}\n${told.join('\n')}`)
  }
  await machine.stop()

  t.is(readFileSync(join(files.folder, 'order'), 'utf8'), 'a machine, please and by SMB\n and by NFS\n')
  const volume = join(lab.directory, 'enc.volume')
  await takePartition(disk.file, 2, volume)
  t.false(readFileSync(volume).includes('dear diary'))
  t.regex(execFileSync('cryptsetup', ['luksDump', volume], { encoding: 'utf8' }), /systemd-tpm2/)
})

const step = (name: string, action: object) => ({ kind: 'step', name, action })
const command = (name: string, ...lines: readonly string[]) =>
  step(name, { type: 'run-command-line', commandLine: ['set -e', ...lines].join('\n') })

function sequenceFor(files: FileServer, image: string): object {
  return {
    name: 'Shared folders and an encrypted volume',
    children: [
      step('Partition the disk', {
        type: 'format-and-partition-disk',
        diskType: 'mbr',
        partitions: [
          {
            name: 'Linux',
            size: { megabytes: 2_560 },
            fileSystem: 'ext4',
            bootable: true,
            variable: 'SystemPartition',
          },
          { name: 'Data', size: { megabytes: 256 }, fileSystem: 'ext4', variable: 'DataPartition' },
        ],
      }),
      step('Connect a share', {
        type: 'connect-to-network-folder',
        path: files.smbPath,
        driveLetter: 'S:',
        account: files.account,
        password: files.password,
      }),
      command('Use the share', 'cd %OSDNetworkFolderS%', 'echo "by SMB: $(cat order)"', 'echo " and by SMB" >>order'),
      step('Connect an export', { type: 'connect-to-network-folder', path: files.nfsPath }),
      command(
        'Use the export',
        'cd %OSDNetworkFolder%',
        'echo "by NFS: $(echo $(cat order))"',
        'echo " and by NFS" >>order',
      ),
      step('Encrypt the data', { type: 'pre-provision-bitlocker', drive: 'DataPartition', skipWithoutTpm: false }),
      command(
        'Write to it',
        'mkdir -p /tmp/data',
        'mount %DataPartition% /tmp/data',
        'echo "dear diary" >/tmp/data/diary',
        'umount /tmp/data',
      ),
      step('Apply Debian', {
        type: 'apply-operating-system-image',
        imageId: image,
        destinationVariable: 'SystemPartition',
      }),
      step('Apply Network Settings', { type: 'apply-network-settings' }),
      step('Apply Windows Settings', { type: 'apply-windows-settings' }),
      step('Setup Windows and ConfigMgr', { type: 'setup-windows-and-configmgr' }),
      command('Before', 'test ! -e %DataPartition%', 'echo "nothing that a TPM opens, yet"'),
      step('Let the TPM open it', { type: 'enable-bitlocker', drive: '/dev/vda2' }),
      step('Restart', { type: 'restart-computer' }),
      command(
        'After',
        'mkdir -p /tmp/data',
        'mount %DataPartition% /tmp/data',
        'echo "opened by the TPM: $(cat /tmp/data/diary)"',
      ),
    ],
  }
}
