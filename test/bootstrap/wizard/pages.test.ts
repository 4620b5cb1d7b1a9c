/** The pages of the wizard: what they show, what keys do, and that they fit whatever names are. */

import test from 'ava'
import * as fc from 'fast-check'
import type { MissingContent } from '../../../bootstrap/find-missing-content.ts'
import type { OpenedMedium } from '../../../bootstrap/medium/mounted-medium.ts'
import { type NetworkCard, type NetworkSettings, parseCards, wordsOf } from '../../../bootstrap/network.ts'
import { askChoice } from '../../../bootstrap/wizard/choose-page.ts'
import { askConfirmation, diskText } from '../../../bootstrap/wizard/confirm-page.ts'
import { checkDependencies } from '../../../bootstrap/wizard/dependency-page.ts'
import { askMediumPages, type MediumPagesParts } from '../../../bootstrap/wizard/medium-pages.ts'
import { askNetwork } from '../../../bootstrap/wizard/network-page.ts'
import { columnsOf, pageColumnsMax, pageLinesMax, printPage } from '../../../bootstrap/wizard/page.ts'
import { wrongPauseSeconds } from '../../../bootstrap/wizard/welcome-page.ts'
import { parseDeploymentId, parsePackageId } from '../../../server/address/identifiers.ts'
import { makeMedium, type MediumChanges } from '../medium/make-medium.ts'
import { scriptedKeyboard } from './scripted-keyboard.ts'

const names = fc.string({ unit: 'grapheme', maxLength: 300 })

function fits(page: string): boolean {
  const lines = page.split('\n')
  return lines.length <= pageLinesMax && lines.every((line) => columnsOf(line) <= pageColumnsMax)
}

test('S6-046: a page has at most 78 columns and 22 lines, whatever its texts are, and its keys are always on it', (t) => {
  fc.assert(
    fc.property(names, fc.array(names, { maxLength: 60 }), fc.string({ maxLength: 150 }), (heading, lines, keys) => {
      const page = printPage({ heading, lines, keys: `${keys} p = Previous` })
      t.true(fits(page), page)
      t.true(page.includes('Previous'))
    }),
  )
})

const deploymentId = parseDeploymentId('RVL20001')
const packageId = parsePackageId('RVL00003')
if (deploymentId === undefined || packageId === undefined) throw new Error('a wrong fixture')
const choiceOf = (taskSequenceName: string, description = '') =>
  ({ deploymentId, taskSequenceName, description, purpose: 'available' }) as const

test('S6-050: a list of any length and any names fits, and its pages can be leafed through', async (t) => {
  await fc.assert(
    fc.asyncProperty(names, fc.array(fc.tuple(names, names), { minLength: 1, maxLength: 60 }), async (name, texts) => {
      const keyboard = scriptedKeyboard(['m', 'x', 'm', 'r'])
      await askChoice(
        name,
        texts.map(([one, two]) => choiceOf(one, two)),
        keyboard.parts,
      )
      t.true(keyboard.said.every(fits), keyboard.said.join())
    }),
    { numRuns: 30 },
  )
  const many = Array.from({ length: 40 }, (_, index) => choiceOf(`Sequence ${index + 1}`))
  const keyboard = scriptedKeyboard(['m', 'm', '40'])
  t.deepEqual(await askChoice('pc', many, keyboard.parts), { kind: 'next', value: many[39] })
  t.regex(keyboard.said[0] ?? '', / {2}1 {2}Sequence 1\n/)
  t.regex(keyboard.said[2] ?? '', / {2}40 {2}Sequence 40\n/)
})

test('S6-046: a wrong password is asked for again, later each time, and is never locked out', (t) => {
  t.deepEqual([1, 2, 3, 4, 5, 6, 7, 100].map(wrongPauseSeconds), [1, 2, 4, 8, 16, 30, 30, 30])
})

interface Wizard extends MediumChanges {
  readonly typed: readonly (string | undefined)[]
  readonly password?: string
  readonly settled?: readonly boolean[]
}

/** The wizard of a medium, with a network and a password as told. */
async function wizardOf(t: Parameters<typeof makeMedium>[0], { typed, password, settled = [], ...changes }: Wizard) {
  const { manifest } = await makeMedium(t, {
    ...changes,
    manifest: { ...changes.manifest, passwordRequired: password !== undefined },
  })
  const keyboard = scriptedKeyboard(typed)
  const applied: NetworkSettings[] = []
  const pauses: number[] = []
  const ran: string[] = []
  const contents = { variables: [], ...changes.sealed }
  const cards: readonly NetworkCard[] = [
    { name: 'eth0', macAddress: '52:54:00:00:00:01', hasLink: false },
    { name: 'eth1', macAddress: '52:54:00:00:00:02', hasLink: true },
  ]
  const parts: MediumPagesParts = {
    ...keyboard.parts,
    manifest,
    pause: async (ms) => void pauses.push(ms),
    keepSecret: () => {},
    open: async (given): Promise<OpenedMedium> =>
      given === password ? { kind: 'opened', contents } : { kind: 'wrong-password' },
    network: {
      cards: async () => cards,
      apply: async (settings) => {
        applied.push(settings)
        return settled[applied.length - 1] ?? true
      },
      connect: async () => void applied.push({ card: 'all' }),
    },
    runPrestart: async ({ commandLine }) => {
      ran.push(commandLine)
      return ran.length < 2 && commandLine === 'break'
        ? { kind: 'failed', reason: 'it ended with exit code 7' }
        : { kind: 'succeeded', variables: [{ name: 'A', value: 'b', secret: false }] }
    },
  }
  return { end: await askMediumPages(parts), ...keyboard, applied, pauses, ran }
}

test('S6-046, S6-047: Welcome, network settings and the prestart command come in this order, and Enter goes on with DHCP', async (t) => {
  const prestart = { commandLine: 'ask' }
  const { end, said, applied, ran } = await wizardOf(t, { typed: ['', ''], sealed: { prestart } })
  t.like(end, { kind: 'next', value: { network: {}, given: [{ name: 'A', value: 'b', secret: false }] } })
  t.regex(said[0] ?? '', /^\nWelcome: Berlin\n\nSite RVL\n/)
  t.regex(said[1] ?? '', /^\nNetwork settings\n\n {2}1 {2}eth0 {2}52:54:00:00:00:01 {2}no link/)
  t.deepEqual([applied, ran], [[{}], ['ask']])
})

test('S6-046: Previous leads from the network back to Welcome, and the password is not on any page', async (t) => {
  const { end, said, hidden, pauses } = await wizardOf(t, {
    password: 'swordfish',
    typed: ['marlin', 'tuna', 'swordfish', 'p', 'swordfish', ''],
  })
  t.is(end.kind, 'next')
  t.deepEqual(hidden, [true, true, true, false, true, false])
  t.deepEqual(pauses, [1_000, 2_000])
  t.true(said.some((text) => text.includes('Wrong password, 2 times so far.')))
  t.notRegex(said.join('\n'), /swordfish|marlin|tuna/)
})

test('S6-046: a person gives card, VLAN, address, gateway and name servers, and what is wrong is asked for again', async (t) => {
  const typed = ['', 's', '2', '5000', '12', '10.0.0.300/8', '10.0.0.9/24', '10.0.0.1', '10.0.0.2, 10.0.0.3']
  const { end, applied } = await wizardOf(t, { typed })
  t.is(end.kind, 'next')
  const settings = {
    card: 'eth1',
    vlan: 12,
    address: '10.0.0.9/24',
    gateway: '10.0.0.1',
    nameServers: ['10.0.0.2', '10.0.0.3'],
  }
  t.deepEqual(applied, [settings])
  t.deepEqual(wordsOf(settings), [
    'card=eth1',
    'vlan=12',
    'address=10.0.0.9/24',
    'gateway=10.0.0.1',
    'dns=10.0.0.2,10.0.0.3',
  ])
  t.deepEqual(parseCards('eth1 52:54:00:00:00:02 up\n'), [
    { name: 'eth1', macAddress: '52:54:00:00:00:02', hasLink: true },
  ])
})

test('S6-046: settings that give no network lead back to the page, which says so', async (t) => {
  const { end, said, applied } = await wizardOf(t, { typed: ['', '', ''], settled: [false, true] })
  t.is(end.kind, 'next')
  t.is(applied.length, 2)
  t.regex(said[2] ?? '', /There is no network with these settings/)
})

test('S6-047: a prestart command that failed is shown, and runs again when somebody wants it', async (t) => {
  const { end, said, ran } = await wizardOf(t, { typed: ['', '', ''], sealed: { prestart: { commandLine: 'break' } } })
  t.is(end.kind, 'next')
  t.is(ran.length, 2)
  t.regex(said[2] ?? '', /failed: it ended with exit code 7\./)
})

test('S7-010, S6-056, A7-01: unattended with a password there is one prompt, the password', async (t) => {
  const { end, hidden, applied } = await wizardOf(t, {
    password: 'swordfish',
    typed: ['swordfish'],
    manifest: { unattended: true },
    sealed: { prestart: { commandLine: 'ask' } },
  })
  t.is(end.kind, 'next')
  t.deepEqual(hidden, [true])
  t.deepEqual(applied, [{ card: 'all' }])
})

test('S7-010: unattended without a password nothing is asked, and a prestart command that fails starts nothing', async (t) => {
  const unattended = { unattended: true }
  const { end, reads } = await wizardOf(t, { typed: [], manifest: unattended })
  t.deepEqual([end.kind, reads()], ['next', 0])
  const failed = await wizardOf(t, { typed: [], manifest: unattended, sealed: { prestart: { commandLine: 'break' } } })
  t.deepEqual(failed.end, { kind: 'refused', reason: 'its prestart command failed: it ended with exit code 7' })
})

test('a network page that nobody answers any more ends', async (t) => {
  const { parts } = scriptedKeyboard([undefined])
  const network = { cards: async () => [], apply: async () => true, connect: async () => {} }
  t.deepEqual(await askNetwork(network, parts), { kind: 'nobody' })
})

const content = { id: packageId, name: 'Office', version: 1, kind: 'package', files: [] } as const
const missing = (isCertain: boolean): MissingContent => ({ content, reason: 'HTTP 404 from http://dp', isCertain })

test('S6-052: missing content is named, and Previous searches again without a restart', async (t) => {
  const { parts, said } = scriptedKeyboard(['p', ''])
  const answers = [[missing(true)], [missing(false)], []]
  let searched = 0
  const search = async () => answers[searched++] ?? []
  t.deepEqual(await checkDependencies({ ...parts, search, pause: async () => {}, isAttended: true }), { kind: 'found' })
  t.is(searched, 3)
  t.true(said.every((text) => text.includes('RVL00003  Office: HTTP 404 from http://dp') && fits(text)))
  const quit = scriptedKeyboard(['q'])
  const never = { search: async () => [missing(true)], pause: async () => {}, isAttended: true }
  t.deepEqual(await checkDependencies({ ...quit.parts, ...never }), { kind: 'previous' })
})

test('S6-048, S6-052: where nobody was asked, what could not be asked for is left to the steps, and what is nowhere ends the run', async (t) => {
  const { parts, said, reads } = scriptedKeyboard([])
  const zeroTouch = { ...parts, pause: async () => {}, isAttended: false }
  t.is((await checkDependencies({ ...zeroTouch, search: async () => [missing(false)] })).kind, 'found')
  const ended = await checkDependencies({ ...zeroTouch, search: async () => [missing(true)] })
  t.regex(ended.kind === 'missing' ? ended.message : '', /RVL00003 \(Office\)/)
  t.is(said.length, 3)
  t.is(reads(), 0)
})

test('what will be erased is shown with model, size and serial number, and only yes erases it', async (t) => {
  const device = { name: 'sda', device: '/dev/sda', bytes: 500e9, sectorBytes: 512, removable: false, model: 'WDC' }
  const disk = { number: 0, disk: device, serialNumber: 'S-4711', dependsOn: [] }
  t.is(diskText(disk), 'disk 0: WDC, 500.0 GB, serial number S-4711 (/dev/sda)')
  const { parts, said } = scriptedKeyboard(['y', '', 'YES'])
  t.is((await askConfirmation('Install', { disks: [disk], partitions: [] }, parts)).kind, 'next')
  t.is(said.length, 3)
  t.is(
    (await askConfirmation('Install', { disks: [disk], partitions: [] }, scriptedKeyboard(['p']).parts)).kind,
    'previous',
  )
  const partitions = [{ text: 'partition 2 of disk 0', dependsOn: [] }]
  const emptied = scriptedKeyboard(['p'])
  t.is((await askConfirmation('Install', { disks: [], partitions }, emptied.parts)).kind, 'previous')
  t.regex(emptied.said.join(), /Everything on these partitions will be erased:\n {2}partition 2 of disk 0/)
  t.is((await askConfirmation('Install', { disks: [], partitions: [] }, scriptedKeyboard([]).parts)).kind, 'next')
})

test('what depends on conditions may be erased, and the page says on which', async (t) => {
  const name = (letter: string) => ({ name: `sd${letter}`, device: `/dev/sd${letter}`, bytes: 1e9 })
  const disk = (letter: string) => ({ ...name(letter), sectorBytes: 512, removable: false, model: 'WDC' })
  const disks = [
    { number: 0, disk: disk('a'), serialNumber: 'A', dependsOn: [] },
    { number: 1, disk: disk('b'), serialNumber: 'B', dependsOn: ['Data disk', 'Servers', 'Third'] },
  ]
  const partitions = [{ text: 'partition 2 of disk 2', dependsOn: ['Refresh'] }]
  const { parts, said } = scriptedKeyboard(['p'])
  await askConfirmation('Install', { disks, partitions }, parts)
  t.regex(
    said.join().replaceAll(/\n {2}/g, ' '),
    /these disks will be erased: disk 0: .*A \(\/dev\/sda\)\nEverything on these disks may be erased: disk 1: .*B \(\/dev\/sdb\), depending on "Data disk", "Servers" and 1 more\nEverything on these partitions may be erased: partition 2 of disk 2, depending on "Refresh"\n/,
  )
})

test('of two disks of one model that are to be erased the serial numbers can be read, on 80 columns', async (t) => {
  const model = 'Samsung SSD 970 EVO Plus 1TB of 2019'
  const disks = ['S4EWNX0R123456', 'S4EWNX0R123457'].map((serialNumber, number) => {
    const name = `nvme${number}n1`
    const device = { name, device: `/dev/${name}`, bytes: 1000e9, sectorBytes: 512, removable: false, model }
    return { number, disk: device, serialNumber, dependsOn: [] }
  })
  const { parts, said } = scriptedKeyboard(['p'])
  await askConfirmation('Install', { disks, partitions: [] }, parts)
  for (const text of ['S4EWNX0R123456', '/dev/nvme0n1', 'S4EWNX0R123457', '/dev/nvme1n1']) {
    t.true(said.join().includes(text), text)
  }
  t.true(
    said
      .join()
      .split('\n')
      .every((line) => line.length <= 78),
  )
})
