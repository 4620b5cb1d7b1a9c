/** The command line as a person runs it: a process of its own against a real site. */

import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { openTestSite, type TestSite } from '../http/test-site.ts'
import { runReveille, siteEnvironment } from './reveille.ts'

let site: TestSite
let directory: string
test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-cli-'))
  site = await openTestSite()
})
test.after.always(async () => {
  await site.close()
  await rm(directory, { recursive: true })
})

const reveille = (...args: readonly string[]) => runReveille(site, ...args)

/** `what was typed`, as on a terminal of its own: what the person sees, the echo included. */
async function onTerminal(typed: string, ...args: readonly string[]): Promise<{ code: number | null; seen: string }> {
  return new Promise((resolve, reject) => {
    const command = [process.execPath, 'server/cli.ts', ...args].map((word) => `'${word}'`).join(' ')
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: siteEnvironment(site),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let seen = ''
    child.stdout.on('data', (chunk: Buffer) => {
      const asksNow = !seen.includes('Value of') && `${seen}${chunk.toString()}`.includes('Value of')
      seen += chunk.toString()
      if (asksNow) child.stdin.write(typed)
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, seen }))
  })
}

test('an administrator sets up a deployment with nouns and verbs', async (t) => {
  const secretFile = join(directory, 'secret')
  await writeFile(secretFile, 'hidden\n')
  const device = await reveille(
    'device',
    'create',
    '--name',
    'PC1',
    '--mac',
    '52-54-00-12-34-56',
    '--variable',
    'A=b',
    `P!=@${secretFile}`,
  )
  t.is(device.code, 0, device.err)
  const id = device.out.trim()
  const edited = await reveille('device', 'edit', id, '--name', 'PC2')
  t.is(edited.code, 0, edited.err)
  const kept = (await site.store.devices.list()).find(({ name }) => name === 'PC2')
  t.deepEqual(
    kept?.variables.map(({ value }) => value),
    ['b', 'hidden'],
  )
  const changed = await reveille('device', 'edit', id, '--variable', 'a=c', 'N=new')
  t.is(changed.code, 0, changed.err)
  t.notRegex(changed.out, /hidden/)
  await reveille('device', 'edit', id, '--remove-variable', 'n')
  t.deepEqual(
    (await site.store.devices.list())
      .find(({ name }) => name === 'PC2')
      ?.variables.map(({ name, value, secret }) => [name, value, secret]),
    [
      ['P', 'hidden', true],
      ['a', 'c', false],
    ],
    'variables that were not named stay as they were',
  )
  const image = (await reveille('boot-image', 'create', '--name', 'Linux', '--architecture', 'x64')).out.trim()
  await writeFile(join(directory, 'vmlinuz'), 'kernel')
  const added = await reveille(
    'boot-image',
    'add-content',
    image,
    directory,
    `initrd.img=${join(directory, 'vmlinuz')}`,
  )
  t.is(added.code, 0, added.err)
  const document = join(directory, 'sequence.yaml')
  await writeFile(
    document,
    'name: Hello\nchildren:\n  - name: Say\n    action: { type: run-command-line, commandLine: echo hello }\n',
  )
  const sequence = await reveille('task-sequence', 'create', '--file', document, '--boot-image', image)
  t.is(sequence.code, 0, sequence.err)
  const machine = join(directory, 'machine.json')
  await writeFile(machine, '{"outcomes": [{"step": "Say", "exitCode": 7}]}')
  const dryRun = await reveille('task-sequence', 'dry-run', sequence.out.trim(), '--machine', machine)
  t.regex(dryRun.out, /^1 Say \(run-command-line\): failed 7: .*\nThe task sequence failed: .*\n$/, dryRun.err)
  const deployment = await reveille(
    'deployment',
    'create',
    '--task-sequence',
    sequence.out.trim(),
    '--collection',
    'RVL10001',
    '--purpose',
    'required',
    '--make-available-to',
    'media-and-pxe-hidden',
  )
  t.regex(deployment.out, /^RVL2[0-9A-F]{4}\n$/)
  t.regex((await reveille('deployment', 'list')).out, /media-and-pxe-hidden/)
  const limited = await reveille('deployment', 'edit', deployment.out.trim(), '--obey-schedule-in-boot-image', 'true')
  t.is(limited.code, 0, limited.err)
  t.true((await site.store.deployments.list())[0]?.obeyScheduleInBootImage)
  const ring = await reveille('--json', 'deployment', 'edit', deployment.out.trim(), '--canary', '5:1')
  t.deepEqual(JSON.parse(ring.out).canary, { machines: 5, failuresMax: 1 }, ring.err)
  t.is(JSON.parse((await reveille('--json', 'deployment', 'canary', deployment.out.trim())).out).standing, 'open')
  t.is((await reveille('deployment', 'resume-canary', deployment.out.trim())).code, 0)
  const commented = await reveille('--json', 'deployment', 'edit', deployment.out.trim(), '--comment', 'with a ring')
  t.deepEqual(JSON.parse(commented.out).canary, { machines: 5, failuresMax: 1 })
  const without = await reveille('--json', 'deployment', 'edit', deployment.out.trim(), '--canary', 'none')
  t.is(JSON.parse(without.out).canary, undefined, without.err)
  const noMark = { deviceMarks: 0, unknownComputerMarks: 0 }
  const clear = 'clear-required-pxe-deployments'
  t.deepEqual(JSON.parse((await reveille('--json', 'collection', clear, 'RVL10002')).out), noMark)
  t.deepEqual(
    JSON.parse((await reveille('--json', 'unknown-computer', clear, '--mac', '52:54:00:99:00:01')).out),
    noMark,
  )
  t.is(JSON.parse((await reveille('--json', 'device', clear, id)).out).name, 'PC2')
  t.regex((await reveille('boot-preview', '--mac', '52:54:00:12:34:56')).out, /next boot device/)
  t.is(JSON.parse((await reveille('--json', 'device', 'show', id)).out).name, 'PC2')
})

test('faults are printed with their paths, and the exit code says so', async (t) => {
  const answer = await reveille('device', 'create', '--name', 'X', '--mac', 'nonsense', '--smbios-guid', '1')
  t.is(answer.code, 1)
  t.regex(answer.err, /macAddresses\[0\]: is not a MAC address/)
  t.regex(answer.err, /smbiosGuid: is not an SMBIOS GUID/)
  t.notRegex(answer.err, /at .*\.ts:/)
})

test('the value of a secret variable is asked for without echo, and never taken from the command line', async (t) => {
  const refused = await reveille('device', 'create', '--name', 'S', '--variable', 'Password!=on-show')
  t.is(refused.code, 1)
  t.regex(refused.err, /Password!=@FILE/)
  t.notRegex(refused.err, /on-show/)
  const typed = await onTerminal('typed-unseen\r', 'device', 'create', '--name', 'ASKED', '--variable', 'Password!')
  t.is(typed.code, 0, typed.seen)
  t.notRegex(typed.seen, /typed-unseen/)
  const kept = (await site.store.devices.list()).find(({ name }) => name === 'ASKED')
  t.deepEqual(
    kept?.variables.map(({ name, value, secret }) => [name, value, secret]),
    [['Password', 'typed-unseen', true]],
  )
  const silent = await reveille('device', 'create', '--name', 'S', '--variable', 'Password!')
  t.is(silent.code, 1)
  t.regex(silent.err, /no value was given for the secret variable Password/)
})

test('S1-071: a secret too short to be masked in output is saved, and said to be', async (t) => {
  const file = join(directory, 'pin')
  const create = async (value: string) => {
    await writeFile(file, `${value}\n`)
    return reveille('collection', 'create', '--name', `Pin ${value.length}`, '--variable', `Pin!=@${file}`)
  }
  const short = await create('c4n4r')
  t.is(short.code, 0, short.err)
  t.is(short.err, 'The secret Pin is shorter than 6 characters: it cannot be masked in what programs print.\n')
  t.regex(short.out, /^RVL1[0-9A-F]{4}\n$/)
  const kept = (await site.store.collections.list()).find(({ name }) => name === 'Pin 5')
  t.deepEqual(kept?.variables, [{ name: 'Pin', value: 'c4n4r', secret: true }])
  for (const value of ['', 'c4n4ry']) t.is((await create(value)).err, '')
})

test('a server that is not there and a wrong token are said plainly', async (t) => {
  const away = await reveille('--server', 'http://127.0.0.1:9', 'device', 'list')
  t.is(away.code, 1)
  t.regex(away.err, /cannot be reached/)
  await writeFile(join(directory, 'token'), 'wrong-wrong-wrong')
  const stranger = await reveille('--token-file', join(directory, 'token'), 'status')
  t.is(stranger.code, 1)
  t.regex(stranger.err, /Not signed in/)
})

test('S1-095, S1-099: task sequences are copied, moved, locked and restored with verbs, and their settings set', async (t) => {
  const document = join(directory, 'verbs.yaml')
  await writeFile(document, 'name: Verbs\nchildren: []\n')
  const done = async (...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await reveille(...args)
    t.is(code, 0, `${args.join(' ')}: ${err}`)
    return out
  }
  const noun = 'task-sequence'
  const id = (await done(noun, 'create', '--file', document, '--comment', 'made')).trim()
  const folder = (await done('task-sequence-folder', 'create', '--name', 'Shelf')).trim()
  await done('task-sequence-folder', 'edit', folder, '--name', 'Top', '--parent', 'root')
  t.regex(await done('task-sequence-folder', 'list'), /Top/)
  await done(noun, 'move', id, '--folder', folder)
  t.regex(await done(noun, 'list', '--folder', folder, '--search', 'verb'), new RegExp(`${id} +Verbs`))
  await done(noun, 'disable', id)
  t.regex(await done(noun, 'enable', id), /enabled +true/)
  const texts = ['headline', 'message', 'emphasis', 'closing'].flatMap((part) => [`--notification-${part}`, part])
  const values = ['--maximum-run-minutes', '0', '--platform', 'debian:12:x64', 'arm64', '--restart-required', 'true']
  await done(noun, 'settings', 'set', id, ...values, '--high-impact', 'true', ...texts)
  t.deepEqual(JSON.parse(await done('--json', noun, 'settings', 'show', id)), {
    softwareCenter: { restartRequired: true },
    maximumRunMinutes: 0,
    platforms: [{ architecture: 'x64', operatingSystem: { name: 'debian', version: '12' } }, { architecture: 'arm64' }],
    highImpact: true,
    customNotification: { headline: 'headline', message: 'message', emphasis: 'emphasis', closing: 'closing' },
    suppressNotifications: false,
    highPerformancePowerPlan: false,
  })
  const cleared = await done(noun, 'settings', 'set', id, '--clear', 'platforms', 'custom-notification')
  t.notRegex(cleared, /platforms|customNotification/)
  t.regex((await reveille(noun, 'settings', 'set', id, '--run-first', 'RVL00001')).err, /a package and a program/)
  const stored = (await site.store.taskSequences.list()).find(({ sequence }) => sequence.name === 'Verbs')
  t.is(String(stored?.folderId), folder, 'an edit does not move it')
  t.regex(await done(noun, 'revisions', id), /1 +20\d\d-\S+Z +administrator \(preset token\) +made/)
  t.regex(await done(noun, 'restore', id, '1'), /maximumRunMinutes": 120/)
  t.regex(await done(noun, 'revisions', id, '2'), /revision +2/)
  const copy = (await done(noun, 'copy', id)).trim()
  t.regex(await done(noun, 'lock', copy), /token +lock_/)
  t.regex(await done(noun, 'lock', copy, '--show'), /held +true/)
  t.regex((await reveille(noun, 'lock', copy)).err, /Locked: You have it open/)
  await done(noun, 'unlock', copy)
  await done(noun, 'delete', copy)
})

test('an administrator stops all starts and allows them again', async (t) => {
  t.not((await reveille('starts', 'stop')).code, 0, 'a reason is asked for')
  const stopped = await reveille('starts', 'stop', '--reason', 'wrong image')
  t.regex(stopped.out, /wrong image/, stopped.err)
  t.like(JSON.parse((await reveille('--json', 'starts', 'show')).out), { stopped: { reason: 'wrong image' } })
  t.regex((await reveille('boot-preview', '--mac', '52:54:00:12:34:56')).out, /stopped all starts: wrong image/)
  t.like(JSON.parse((await reveille('--json', 'starts', 'allow')).out), { stopped: null })
  const limited = await reveille('--json', 'starts', 'limit', '--per-hour', '20')
  t.like(JSON.parse(limited.out), { maximumStartsPerHour: 20 }, limited.err)
  t.like(JSON.parse((await reveille('--json', 'starts', 'limit', '--per-hour', 'none')).out), {
    maximumStartsPerHour: null,
  })
})
