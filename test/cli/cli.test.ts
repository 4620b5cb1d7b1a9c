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

test('a server that is not there and a wrong token are said plainly', async (t) => {
  const away = await reveille('--server', 'http://127.0.0.1:9', 'device', 'list')
  t.is(away.code, 1)
  t.regex(away.err, /cannot be reached/)
  await writeFile(join(directory, 'token'), 'wrong-wrong-wrong')
  const stranger = await reveille('--token-file', join(directory, 'token'), 'status')
  t.is(stranger.code, 1)
  t.regex(stranger.err, /Not signed in/)
})
