/** A stand-alone medium that is too large for one disc: the machine asks for the next disc of its set, and takes no other. */

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'ava'
import { downloadMedium, makeMedium } from '../../scripts/lab/lab-media.ts'
import { type Lab, openLab } from '../../scripts/lab/lab.ts'
import { addTaskSequence } from '../../scripts/lab/site-setup.ts'
import { personAt } from './person-at.ts'

/** With the boot image, no disc of 650 MB has room for it; without, one has. */
const largeMegabytes = 620

test('S7-014, S7-027, A7-03: a machine asks for the second disc of a set, refuses any other, and goes on with the right one', async (t) => {
  const lab = await openLab({ name: 'set', network: '10.77.46', flags: ['--dhcp', 'off', '--tftp-port', '0'] })
  t.teardown(() => lab.close())
  const one = await addPackage(lab, 'First tools', 'echo "FIRST TOOLS"')
  // It fills a disc, and is not read.
  const large = await addPackage(lab, 'Drivers for all machines', 'true', largeMegabytes)
  const two = await addPackage(lab, 'Second tools', 'echo "SECOND TOOLS" | tee /dev/ttyS0')
  const imageId = await lab.addDebian()
  const taskSequenceId = await addTaskSequence(lab.server, lab.bootImageId, {
    name: 'From two discs',
    children: [
      runTool('First', one),
      { name: 'System', action: { type: 'apply-operating-system-image', imageId }, condition: installs },
      { ...runTool('Drivers', large), condition: installs },
      runTool('Second', two),
    ],
  })
  const { id } = await makeMedium(lab.server, {
    kind: 'stand-alone',
    taskSequenceId,
    unattended: true,
    password: null,
    label: 'Branch',
    sizeLimit: '650-mb',
  })
  const disc = async (volume: number): Promise<string> =>
    downloadMedium(lab.server, { id, format: 'iso', volume }, join(lab.directory, `${volume}.iso`))
  const { volumes } = await lab.server.call<{ volumes: readonly unknown[] }>('GET', `/api/v1/media/${id}`)
  t.is(volumes.length, 2)
  const other = await makeMedium(lab.server, { kind: 'capture', bootImageId: lab.bootImageId, password: null })
  const otherDisc = await downloadMedium(lab.server, { id: other.id, format: 'iso' }, join(lab.directory, 'other.iso'))
  const machine = await lab.startMachine({
    name: 'set',
    macAddress: '52:54:00:05:04:01',
    firmware: 'bios',
    medium: { file: await disc(1), as: 'disc' },
    hasNetwork: false,
  })

  const person = personAt(t, machine)
  const asks = /^Insert volume 2 of 2 of "Branch" and press Enter\./
  await person.answer(asks, '')
  await person.read(/^Volume 2 is not there\. Found instead: \/dev\/sr0 has volume 1 of 2\./)
  await person.read(asks)
  await machine.changeMedium(otherDisc)
  machine.type('\n')
  await person.read(new RegExp(`^Volume 2 is not there\\. Found instead: /dev/sr0 has medium ${other.id}\\.`))
  t.false(machine.serial().includes('SECOND TOOLS'))
  await person.read(asks)
  await machine.changeMedium(await disc(2))
  machine.type('\n')
  await person.read(/^SECOND TOOLS/)
  await person.read(/The task sequence has ended successfully/)
  await person.read(/^Remove the medium/)
  await machine.changeMedium(undefined)
  await person.read(/reboot: Restarting system/)
  t.notRegex(machine.serial(), /Error \d/)
})

/** Stand-alone media are for sequences that install a system (S7-025); this machine has one already, as it were. */
const installs = { variable: 'Installs', operator: 'equals', value: 'a system' }

const runTool = (name: string, packageId: string) => ({
  kind: 'step',
  name,
  action: { type: 'run-command-line', commandLine: 'sh ./tool.sh', packageId },
})

/** With a script, and so much beside it. */
async function addPackage({ server, directory }: Lab, name: string, script: string, megabytes = 1): Promise<string> {
  const { id } = await server.call<{ id: string }>('POST', '/api/v1/packages', { name })
  const archive = join(directory, `${id}.tar`)
  const pack = [
    'mkdir "$1" && cd "$1"',
    'printf "%s\\n" "$2" >tool.sh',
    // Equal files of two packages are on a set once.
    'cp tool.sh data && truncate --size="$3M" data',
    'tar -cf "$1.tar" tool.sh data',
  ]
  execFileSync('sh', ['-ec', pack.join('\n'), 'sh', join(directory, id), script, String(megabytes)])
  await server.upload(`/api/v1/packages/${id}/content`, archive)
  return id
}
