/** The network page of a medium, where a network gives no address by itself: fixed addresses, a VLAN, and a card that leads nowhere. */

import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { downloadMedium, makeMedium } from '../../scripts/lab/lab-media.ts'
import { type Lab, openLab } from '../../scripts/lab/lab.ts'
import { addBridge, removeLink } from '../../scripts/lab/network.ts'
import { addCollection, addDevice, addTaskSequence, deploy, readOutput } from '../../scripts/lab/site-setup.ts'
import { openTaggedPort } from '../../scripts/lab/tagged-port.ts'
import type { Lane } from '../../server/contract/progress.ts'
import { personAt, type Person } from './person-at.ts'
import { untilDone } from './until-done.ts'

const runMs = 4 * 60_000

test('A7-01, S6-046: without DHCP an address is typed, a wrong one is typed again, and the hidden deployment runs', async (t) => {
  const lab = await openLab({ name: 'fix', network: '10.77.47', flags: ['--dhcp', 'off', '--tftp-port', '0'] })
  t.teardown(() => lab.close())
  const macAddress = '52:54:00:05:05:01'
  const deploymentId = await deployHidden(lab, macAddress)
  const file = await bootableDisc(lab, deploymentId)
  const machine = await lab.startMachine({ name: 'fix', macAddress, firmware: 'bios', medium: { file, as: 'disc' } })

  const person = personAt(t, machine)
  await person.answer(/^Enter = go on/, '')
  await person.answer(/^Enter = addresses by DHCP/, 's')
  await typeCard(person, { card: '', vlan: '' })
  await person.answer(/^Address with its prefix/, '10.77.47.9')
  await person.read(/^That is no IPv4 address with a prefix\./)
  // Of another network than the cable's.
  await typeFixed(person, { address: '10.99.0.9/24', gateway: '' })
  await person.answer(/^The site does not answer\. Enter = try again now, p = Previous/, 'p')
  await person.answer(/^Enter = addresses by DHCP/, 's')
  await typeCard(person, { card: '1', vlan: '' })
  await typeFixed(person, { address: '10.77.47.9/24', gateway: '10.77.47.1' })
  await person.read(/^Reveille: eth0 has 10\.77\.47\.9\/24/)
  const said = await runsHidden(t, lab, { machine, macAddress })
  t.deepEqual(said, ['ADDRESS eth0 10.77.47.9/24', 'ROUTE default via 10.77.47.1 dev eth0'])
})

test('A7-01, S6-046: of two cards the second one leads to the site, in a tagged VLAN, where DHCP answers', async (t) => {
  const lab = await openLab({
    name: 'vlan',
    network: '10.77.48',
    flags: ['--dhcp', 'full', '--pool', '10.77.48.100-10.77.48.150', '--router', '10.77.48.1', '--tftp-port', '0'],
  })
  t.teardown(() => lab.close())
  const elsewhere = await addBridge('rv-elsewhere', [])
  t.teardown(() => removeLink(elsewhere.name))
  const macAddress = '52:54:00:05:05:02'
  const port = await openTaggedPort({ bridge: lab.bridge, vlan: 48, directory: lab.directory })
  t.teardown(() => port.stop())
  const secondCard = { macAddress: '52:54:00:05:05:03', socket: port.socket }
  const deploymentId = await deployHidden(lab, secondCard.macAddress)
  const file = await bootableDisc(lab, deploymentId)
  const machine = await lab.startMachine({
    name: 'vlan',
    macAddress,
    bridge: elsewhere,
    secondCard,
    firmware: 'bios',
    medium: { file, as: 'disc' },
  })

  const person = personAt(t, machine)
  await person.answer(/^Enter = go on/, '')
  await person.read(/^ {2}1 {2}eth0 {2}52:54:00:05:05:02 {2}link\s+2 {2}eth1 {2}52:54:00:05:05:03 {2}link/)
  await person.answer(/^Enter = addresses by DHCP/, 's')
  await typeCard(person, { card: '3', vlan: undefined })
  await person.read(/^There are 2\./)
  await typeCard(person, { card: '2', vlan: '4095' })
  await person.read(/^That is no number of a VLAN\./)
  await typeCard(person, { card: undefined, vlan: '48' })
  await person.answer(/^Address with its prefix/, '')
  const said = await runsHidden(t, lab, { machine, macAddress })
  t.deepEqual(said, ['ADDRESS reveille-vlan 10.77.48.100/24', 'ROUTE default via 10.77.48.1 dev reveille-vlan'])
})

/** What is not given is not asked now. */
async function typeCard(person: Person, { card, vlan }: Record<'card' | 'vlan', string | undefined>): Promise<void> {
  if (card !== undefined) await person.answer(/^Number of the card[^]*?^Enter = go on/, card)
  if (vlan !== undefined) await person.answer(/^VLAN, 1 to 4094[^]*?^Enter = go on/, vlan)
}

async function typeFixed(person: Person, { address, gateway }: Record<'address' | 'gateway', string>): Promise<void> {
  await person.answer(/^Address with its prefix[^]*?^Enter = go on/, address)
  await person.answer(/^Gateway[^]*?^Enter = go on/, gateway)
  await person.answer(/^Name servers[^]*?^Enter = go on/, '')
}

/** For the medium alone: no list shows it, and nothing else starts it. */
async function deployHidden({ server, bootImageId }: Lab, macAddress: string): Promise<string> {
  const tell = [
    'ip -4 -o address show scope global | awk \'{ print "ADDRESS", $2, $4 }\'',
    'echo "ROUTE $(ip route | grep default)"',
  ].join('\n')
  const taskSequenceId = await addTaskSequence(server, bootImageId, {
    name: 'Tell the network',
    children: [{ name: 'Tell', action: { type: 'run-command-line', commandLine: tell } }],
  })
  const device = await addDevice(server, { name: 'from-disc', macAddress })
  const collectionId = await addCollection(server, 'Media', [device])
  const makeAvailableTo = 'media-and-pxe-hidden'
  return deploy(server, { taskSequenceId, collectionId, purpose: 'available', makeAvailableTo })
}

async function bootableDisc({ server, directory }: Lab, deploymentId: string): Promise<string> {
  const { id } = await makeMedium(server, { deploymentId, password: null })
  return downloadMedium(server, { id, format: 'iso' }, join(directory, 'medium.iso'))
}

/** What it said about its network. */
async function runsHidden(
  t: ExecutionContext,
  lab: Lab,
  { machine, macAddress }: Pick<Parameters<typeof untilDone>[2], 'machine' | 'macAddress'>,
): Promise<readonly string[]> {
  const lane: Lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: runMs })
  t.is(lane.condition, 'succeeded', lane.text)
  t.is(lane.run?.taskSequenceName, 'Tell the network')
  const lines = await readOutput(lab.server, lane.run?.runId ?? '')
  return lines.filter((line) => /^(?:ADDRESS|ROUTE)/.test(line)).map((line) => line.trimEnd())
}
