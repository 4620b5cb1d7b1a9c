/** A capture medium on a machine that somebody installed: its system becomes an image in a shared folder of the network. */

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { runFolder } from '../../bootstrap/run-file.ts'
import { startFileServer } from '../../scripts/lab/file-server.ts'
import { downloadMedium, makeMedium } from '../../scripts/lab/lab-media.ts'
import { openLab } from '../../scripts/lab/lab.ts'
import { readKeptLog } from './kept-log.ts'
import { personAt } from './person-at.ts'
import { layOutDebian, withSystem } from './system-on-disk.ts'

const captureMs = 12 * 60_000
const network = '10.77.45'

/** What an image leaves out: other machines must not have it. */
const ofThisMachine = [
  'var/lib/reveille/client-identity.json',
  'var/lib/reveille/run.refused/events.jsonl',
  'var/lib/reveille/boot-arguments',
  'var/lib/reveille/started-from-medium.json',
  'var/lib/systemd/random-seed',
  'boot/reveille-boot-image/initrd.img',
  'tmp/note',
] as const
const canary = 'CANARY-OF-THIS-MACHINE'

test('S7-009, S2-064, S1-068: a capture disc asks where to, and the system on the disk is an image in a shared folder', async (t) => {
  const flags = ['--dhcp', 'full', '--pool', `${network}.100-${network}.150`, '--tftp-port', '0']
  const lab = await openLab({ name: 'cap', network, flags })
  t.teardown(() => lab.close())
  const files = await startFileServer({
    name: 'share',
    bridge: lab.bridge,
    address: `${network}.2`,
    prefixLength: 24,
    directory: lab.directory,
  })
  t.teardown(() => files.stop())
  const { id } = await makeMedium(lab.server, { kind: 'capture', bootImageId: lab.bootImageId, password: null })
  const disc = await downloadMedium(lab.server, { id, format: 'iso' }, join(lab.directory, 'capture.iso'))
  const disk = { file: join(lab.directory, 'reference.disk'), megabytes: 1_536 }
  const own = Object.fromEntries(ofThisMachine.map((path) => [path, canary]))
  await layOutDebian(disk.file, disk.megabytes, { ...own, 'etc/of-its-own': 'made by hand' })
  const machine = await lab.startMachine({
    name: 'capt',
    macAddress: '52:54:00:05:03:01',
    firmware: 'bios',
    medium: { file: disc, as: 'disc' },
    disk,
  })

  const person = personAt(t, machine)
  await person.answer(/^Enter = go on/, '')
  await person.answer(/^Enter = addresses by DHCP/, '')
  await person.answer(/^Value of SMSConnectNetworkFolderPath/, files.smbPath)
  await person.answer(/^Value of SMSConnectNetworkFolderAccount/, files.account)
  await person.answer(/^Value of SMSConnectNetworkFolderPassword \(what you type is not shown\)/, files.password)
  await person.answer(/^Value of CaptureFileName/, 'reference.tar.zst')
  await person.answer(/^Value of OSDImageDescription/, 'By hand')
  await person.answer(/^Value of OSDImageVersion/, '')
  await person.answer(/^Value of OSDImageCreator/, '')
  await person.read(/SMSConnectNetworkFolderPassword = \*\*\*/)
  await person.answer(/^Enter = go on, a number = change/, '')
  const end = await person.read(/ended successfully|Error 5[01].*/, captureMs)
  t.is(end, 'ended successfully', `${machine.serial().slice(-3_000)}\n${files.said().slice(-3_000)}`)
  await person.read(/reboot: Restarting system/)
  await machine.stop()

  t.deepEqual(readdirSync(files.folder), ['reference.tar.zst'])
  const archive = join(files.folder, 'reference.tar.zst')
  const listed = new Set(
    execFileSync('tar', ['--zstd', '-tf', archive], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
      .split('\n')
      .map((path) => path.replace(/^\.\//, '')),
  )
  for (const path of ['etc/os-release', 'etc/fstab', 'usr/bin/systemctl', 'etc/of-its-own'])
    t.true(listed.has(path), path)
  t.deepEqual(
    ofThisMachine.filter((path) => listed.has(path)),
    [],
  )
  const holds = (text: string): boolean => {
    const words = ['-c', 'zstd -dc "$1" | grep -qaF -e "$2" && echo yes || echo no', 'sh', archive, text]
    return execFileSync('sh', words, { encoding: 'utf8' }) === 'yes\n'
  }
  t.true(holds('made by hand'))
  t.false(holds(canary))
  t.false(holds(files.password))
  const log = await readKeptLog(disk.file)
  t.regex(log, /"kind":"sequence-ended","outcome":\{"kind":"succeeded"/)
  t.false(log.includes(files.password))
  const keepsRun = await withSystem(disk.file, 'ro,noload', (root) => existsSync(join(root, runFolder)))
  t.false(keepsRun, 'the run has ended, and its secrets with it')
  t.false(machine.serial().includes(files.password))
})
