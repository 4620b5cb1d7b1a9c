/** Whole runs from a medium on a machine without any network, killed, restarted, and with media that are not right. Needs root. */

import { randomUUID } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { RunFile, runFileVersion } from '../../../bootstrap/run-file.ts'
import { waitUntil } from '../../../scripts/wait-for.ts'
import { mediumContentPath } from '../../../server/contract/medium.ts'
import { startRun } from '../../../server/sequence/advance.ts'
import { program } from '../../store/site-builders.ts'
import { systemEntries, tarOf } from '../../support/root-archive.ts'
import { makeLoopDisk } from '../loop-disk.ts'
import { answers, killAfter, startAgent } from '../whole-agent.ts'
import { hashOf } from '../../support/signed-medium.ts'
import { layOutMedium, type TestMedium } from './folder-medium.ts'
import { type MachineWithMedium, prepareMachine, say, stays } from './machine-with-medium.ts'

async function prepare(t: ExecutionContext, medium: TestMedium): Promise<MachineWithMedium> {
  const machine = prepareMachine(t)
  await layOutMedium(join(machine.folder, 'media'), medium)
  return machine
}

test('S7-026 S7-027: a sequence runs from the medium to its end without any network', async (t) => {
  const show = 'echo "$REVEILLE_TEST" >/dev/null; echo [%_SMSTSMediaType%] [%_SMSTSLaunchMode%] [%_SMSTSPackageID%]'
  const shown = say('Show', `${show} > "$REVEILLE_TEST/shown"; ip -o link show up >> "$REVEILLE_TEST/shown"`)
  const advertised = { variable: '_SMSTSAdvertID', operator: 'exists' }
  const { folder, start } = await prepare(t, {
    children: [shown, { ...say('Never', 'false'), condition: advertised }, say('Office', 'echo in %Office%; exit 9')],
    variables: [{ name: 'Office', value: 'Graz', secret: false }],
    unattended: true,
  })
  const said = await killAfter(start(), stays)
  t.is(readFileSync(join(folder, 'shown'), 'utf8'), '[FullMedia] [UFD] [RVL00002]\n')
  t.regex(said, /Running: Branch office\n> Show\n> Office\nError 50: failed: .*exit code 9: in Graz/)
  t.regex(said, /Error 51: The task sequence failed with 9/)
})

test('S7-010: an unattended medium that set up no disk is to be taken away before it would begin again', async (t) => {
  const { folder, start } = await prepare(t, { children: [say('Nothing', 'true')], unattended: true })
  const said = await killAfter(start(), (text) => text.includes('Remove the medium') || stays(text))
  t.regex(said, /The task sequence has ended\n\nThis medium would start it again\./)
  t.false(existsSync(join(folder, 'reboot-was-asked')))
})

test('S7-040: a wrong password runs nothing, the right one the sequence', async (t) => {
  const touch = say('Touch', 'touch "$REVEILLE_TEST/ran"; exit 9')
  const { folder, start } = await prepare(t, { children: [touch], password: 'correct horse', unattended: true })
  const wrong = start()
  wrong.stdin.write('incorrect horse\n')
  await killAfter(wrong, (text) => text.split('[reads a line]').length > 2)
  t.false(existsSync(join(folder, 'ran')))
  const right = start()
  right.stdin.write('correct horse\n')
  await killAfter(right, stays)
  t.true(existsSync(join(folder, 'ran')))
})

test('S7-041: content that was altered on the medium is refused by its hash', async (t) => {
  const files = { 'tool.sh': '#!/bin/sh\ntouch "$REVEILLE_TEST/ran"\n' }
  const action = { type: 'run-command-line', commandLine: './tool.sh', packageId: 'RVL00004' }
  const { folder, start, insert } = await prepare(t, {
    children: [{ name: 'Tool', action }, say('Fail', 'exit 9')],
    contents: [{ id: 'RVL00004', kind: 'package', files }],
    unattended: true,
  })
  const path = join(folder, 'media/1', mediumContentPath(hashOf(files['tool.sh'])))
  writeFileSync(path, '#!/bin/sh\ntouch "$REVEILLE_TEST/bad"\n')
  t.regex(await killAfter(start(), stays), /content RVL00004 version 1, file tool\.sh has the wrong hash/)
  t.false(existsSync(join(folder, 'bad')))
  writeFileSync(path, '')
  insert(1)
  t.regex(await killAfter(start(), stays), /file tool\.sh is not on the medium/)
  writeFileSync(path, files['tool.sh'])
  insert(1)
  await killAfter(start(), stays)
  t.true(existsSync(join(folder, 'ran')))
})

test('S7-014: the right volume of a set is asked for, and another one does not do', async (t) => {
  const action = (id: string) => ({ type: 'run-command-line', commandLine: './tool.sh', packageId: id })
  const tool = (text: string) => ({ 'tool.sh': `#!/bin/sh\necho ${text} >> "$REVEILLE_TEST/ran"\n` })
  const { folder, start, insert } = await prepare(t, {
    children: [
      ...['RVL00004', 'RVL00005', 'RVL00006'].map((id) => ({ name: id, action: action(id) })),
      say('Fail', 'exit 9'),
    ],
    contents: [
      { id: 'RVL00004', kind: 'package', files: tool('first') },
      { id: 'RVL00005', kind: 'package', files: tool('third'), volume: 3 },
      { id: 'RVL00006', kind: 'package', files: tool('second'), volume: 2 },
    ],
    unattended: true,
  })
  const agent = start()
  const answers = [2, 3, 2]
  let asked = 0
  await killAfter(agent, (text) => {
    const questions = text.split('[reads a line]').length - 1
    for (; asked < questions; asked += 1) {
      insert(answers[asked] ?? 1)
      agent.stdin.write('\n')
    }
    return stays(text)
  })
  t.is(asked, 3)
  t.is(readFileSync(join(folder, 'ran'), 'utf8'), 'first\nthird\nsecond\n')
})

/** What the menu of the medium does with a machine that has this system. */
function startsNext(system: string): string | undefined {
  const folder = join(system, 'var/lib/reveille/start')
  const [name = ''] = readdirSync(folder)
  return /^reveille_next=(.*)$/m.exec(readFileSync(join(folder, name), 'latin1'))?.[1]
}

const disk = {
  name: 'Partition',
  action: {
    type: 'format-and-partition-disk',
    diskNumber: 0,
    diskType: 'mbr',
    partitions: [{ name: 'System', use: 'primary', fileSystem: 'ext4', bootable: true }],
  },
}
const apply = { name: 'Apply', action: { type: 'apply-operating-system-image', imageId: 'RVL00009' } }

async function systemImage() {
  const entries = [
    ...systemEntries('Branch'),
    { name: './usr/lib/systemd/systemd', text: 'systemd', mode: 0o755 },
    { name: './var/log/', type: 'directory' as const },
    { name: './var/lib/', type: 'directory' as const },
  ]
  return { id: 'RVL00009', kind: 'operating-system-image' as const, files: { 'rootfs.tar': await tarOf(entries) } }
}

test.serial(
  'S7-025 S7-026: an applied system goes on from its own disk, and its client leaves at the end',
  async (t) => {
    const install = { ...program('Install'), commandLine: './install.sh' }
    const tools = { 'install.sh': '#!/bin/sh\npwd > "$REVEILLE_TEST/installed"\n' }
    const more = { programs: [install] }
    const action = { type: 'install-package', packageId: 'RVL00004', programName: 'Install' }
    const { folder, start, takeSystem } = await prepare(t, {
      children: [
        disk,
        apply,
        { name: 'Setup', action: { type: 'setup-windows-and-configmgr' } },
        { name: 'Tools', action },
        say('Last', 'echo done > "$REVEILLE_TEST/last"'),
      ],
      contents: [await systemImage(), { id: 'RVL00004', kind: 'package', files: tools, more }],
      unattended: true,
    })
    writeFileSync(join(folder, 'grub-install'), '#!/bin/sh\nexit 0\n')
    chmodSync(join(folder, 'grub-install'), 0o755)
    const loop = makeLoopDisk(t, 256 * 1024 * 1024)
    const agent = start(loop)
    const said: string[] = []
    agent.stdout.on('data', (chunk) => said.push(String(chunk)))
    await waitUntil('the restart', () => existsSync(join(folder, 'reboot-was-asked')) || stays(said.join('')), {
      withinMs: 60_000,
    })
    agent.kill('SIGKILL')
    t.true(existsSync(join(folder, 'reboot-was-asked')), said.join(''))
    const system = takeSystem(loop)
    t.is(startsNext(system), 'disk')
    const unit = readFileSync(join(system, 'etc/systemd/system/reveille-agent.service'), 'utf8')
    t.regex(unit, /^After=local-fs\.target /m)
    t.notRegex(unit, /network/)
    t.true(existsSync(join(system, 'usr/lib/reveille/agent.mjs')))
    t.deepEqual(JSON.parse(readFileSync(join(system, 'var/lib/reveille/agent.json'), 'utf8')), { server: [] })
    writeFileSync(join(folder, 'boot-id'), `${randomUUID()}\n`)
    const client = startAgent(t, folder, {
      where: 'installed-system',
      withoutNetwork: true,
      mounts: [
        ['/var/lib', 'system/var/lib'],
        ['/var/log', 'system/var/log'],
        ['/proc/sys/kernel/random/boot_id', 'boot-id'],
      ],
    })
    const end = await killAfter(client, () => false)
    t.regex(end, /The task sequence has ended successfully/)
    t.is(readFileSync(join(folder, 'installed'), 'utf8'), '/var/lib/reveille/packages/RVL00004.1\n')
    t.is(readFileSync(join(folder, 'last'), 'utf8'), 'done\n')
    t.deepEqual(
      readdirSync(join(system, 'var/lib/reveille')),
      ['start', 'started-from-medium.json'],
      'nothing of the run and its client stays, but that this medium does not begin again by itself',
    )
    const [log = ''] = readdirSync(join(system, 'var/log/reveille'))
    const events = readFileSync(join(system, 'var/log/reveille', log), 'utf8')
      .trim()
      .split('\n')
    const kinds = events.map((line) => JSON.parse(line).body.kind)
    t.is(kinds[0], 'sequence-started')
    t.is(kinds.at(-1), 'sequence-ended')
    t.deepEqual(
      events.flatMap((line) => {
        const { body } = JSON.parse(line)
        return body.kind === 'step-ended' ? [body.outcome] : []
      }),
      Array.from({ length: 5 }, () => 'succeeded'),
    )
  },
)

test.serial('S7-014: before a restart into the boot image, the volume that starts is asked for', async (t) => {
  const image = { ...(await systemImage()), volume: 2 }
  const action = { type: 'restart-computer', target: 'boot-image', message: '', timeoutSeconds: 0 }
  const { folder, start, insert } = await prepare(t, {
    children: [disk, apply, { name: 'Restart', action }, say('After', 'exit 9')],
    contents: [image],
    unattended: true,
  })
  const agent = start(makeLoopDisk(t, 256 * 1024 * 1024))
  const said: string[] = []
  agent.stdout.on('data', (chunk) => said.push(String(chunk)))
  let asked = 0
  await waitUntil(
    'the restart',
    () => {
      const questions = said.join('').split('[reads a line]').length - 1
      for (; asked < questions; asked += 1) {
        insert([2, 1][asked] ?? 1)
        agent.stdin.write('\n')
      }
      return existsSync(join(folder, 'reboot-was-asked')) || stays(said.join(''))
    },
    { withinMs: 60_000 },
  )
  agent.kill('SIGKILL')
  t.true(existsSync(join(folder, 'reboot-was-asked')), said.join(''))
  t.regex(said.join(''), /Insert volume 2 of 2 [^]*Insert volume 1 of 2 /)
})

test.serial('S7-026: a system that has no place for the log of its run keeps none, and the run ends', async (t) => {
  const elsewhere = say('Elsewhere', 'rm -r /target/var/log; ln -s /mnt/elsewhere /target/var/log; exit 9')
  const { start, takeSystem } = await prepare(t, {
    children: [disk, apply, elsewhere],
    contents: [await systemImage()],
    unattended: true,
  })
  const loop = makeLoopDisk(t, 256 * 1024 * 1024)
  const said = await killAfter(start(loop), stays)
  t.regex(said, /Error 51: The task sequence failed with 9[^]*The log of this run is not kept: [^]*stays as it is/)
  t.false(existsSync(join(takeSystem(loop), 'var/lib/reveille/run')))
})

test.serial(
  'S7-020, S7-026: killed in a step, the run is found on the disk again, with its medium alone, which has expired since',
  async (t) => {
    const wait = 'if test -e "$REVEILLE_TEST/began"; then exit 9; fi; echo $$ > "$REVEILLE_TEST/began"; exec sleep 600'
    const medium: TestMedium = {
      children: [disk, apply, { ...say('Wait', wait), continueOnError: true }, say('After', 'exit 7')],
      contents: [await systemImage()],
      password: 'correct horse',
      unattended: true,
    }
    const { folder, start, insert, takeSystem } = await prepare(t, medium)
    const loop = makeLoopDisk(t, 256 * 1024 * 1024)
    const agent = start(loop)
    agent.stdin.write('correct horse\n')
    const began = join(folder, 'began')
    await waitUntil('the step', () => existsSync(began) && readFileSync(began, 'utf8') !== '', { withinMs: 60_000 })
    agent.kill('SIGKILL')
    // What it started has the disk mounted for as long as it lives.
    process.kill(Number(readFileSync(began, 'utf8')), 'SIGKILL')
    await once(agent, 'exit')
    t.is(startsNext(takeSystem(loop)), 'medium', 'after a power cut the medium goes on, whatever other disks it set up')
    rmSync(join(folder, 'system'), { recursive: true })
    // Memory is empty after a power cut; the disk is not.
    execFileSync('rm', ['-r', join(folder, 'memory/reveille')])
    await layOutMedium(join(folder, 'media'), { ...medium, expiresAtMs: 1_000 })
    insert(1)
    t.regex((await killAfter(start(), stays)).replaceAll(/\s+/g, ' '), /This medium cannot be used .* expired at 1970/)
    const said = await killAfter(start(loop), stays)
    t.regex(said, /Going on with the run of "Branch office"/)
    t.regex(said, /Error 51: The task sequence failed with 7/)
    const system = takeSystem(loop)
    t.is(startsNext(system), 'medium')
    t.is(readdirSync(join(system, 'var/log/reveille')).length, 1)
    t.false(existsSync(join(system, 'var/lib/reveille/run')))
  },
)

test('S1-068 S6-051 S7-038: empty variables are asked for, what is erased is confirmed, and no network is asked about', async (t) => {
  const { folder, start } = await prepare(t, {
    children: [say('Office', 'echo %Office% > "$REVEILLE_TEST/office"'), disk],
    variables: [
      { name: 'Office', value: '', secret: false },
      { name: 'Pin', value: '', secret: true },
    ],
  })
  const agent = start()
  for (const line of ['', 'Graz', 'canary-12345', '', 'yes']) agent.stdin.write(`${line}\n`)
  const said = await killAfter(agent, stays)
  t.regex(said, /Office = Graz/)
  t.regex(said, /Everything on these disks will be erased:\n\s+disk 0: not found/)
  t.false(said.includes('canary'))
  t.is(readFileSync(join(folder, 'office'), 'utf8'), 'Graz\n')
})

test('S7-027: what nobody confirmed is not begun by an agent that starts again', async (t) => {
  const touch = say('Touch', 'touch "$REVEILLE_TEST/ran"; exit 9')
  const { folder, start } = await prepare(t, { children: [touch, disk] })
  const first = start()
  first.stdin.write('\n')
  await killAfter(first, (text) => text.includes('will be erased') || stays(text))
  const said = await killAfter(start(), (text) => text.includes('Welcome: Branch') || stays(text))
  t.regex(said, /Welcome: Branch/)
  t.false(existsSync(join(folder, 'ran')))
})

test('S7-027: what a site had begun on this machine does not keep a stand-alone medium from its own sequence', async (t) => {
  const touch = say('Touch', 'touch "$REVEILLE_TEST/ran"; exit 9')
  const { folder, start } = await prepare(t, { children: [touch], unattended: true })
  const { deploymentId, sequence } = answers([]).start.policy
  const saved = { version: runFileVersion, savedAtMs: 1, resumeTicket: 'ticket-1', server: ['http://10.0.0.1'] }
  const machine = { macAddresses: ['52:54:00:aa:bb:cc'] }
  new RunFile(join(folder, 'memory/reveille/run')).save({
    ...saved,
    runId: answers([]).start.runId,
    deploymentId,
    machine,
    content: [],
    run: startRun(sequence, []),
    reports: [],
    firstReport: 1,
  })
  await killAfter(start(), stays)
  t.true(existsSync(join(folder, 'ran')))
})
