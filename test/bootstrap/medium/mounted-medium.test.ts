/** What a verified medium gives: variables, its claim, content, the prestart command; and nothing once it was altered. */

import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { readMediumMark, writeMediumMark } from '../../../bootstrap/medium/medium-mark.ts'
import { preferredOf, serversOf } from '../../../bootstrap/medium/medium-settings.ts'
import { claimOf, MountedMedium } from '../../../bootstrap/medium/mounted-medium.ts'
import { parseVariables, runPrestart } from '../../../bootstrap/medium/run-prestart.ts'
import { mediumClaimText, mediumContentPath, mediumFiles } from '../../../server/contract/medium.ts'
import { isSignedBy, rawPublicKey, readSigningKey } from '../../../media/signed/site-key.ts'
import { makeFolder } from '../loop-disk.ts'
import {
  contentId,
  makeMedium,
  type MediumChanges,
  mediumId,
  mediumSigningKey,
  otherMediumId,
  siteKey,
} from './make-medium.ts'

/** As if it were mounted. */
async function mounted(t: ExecutionContext, changes: MediumChanges = {}) {
  const { folder, manifest } = await makeMedium(t, changes)
  const search = {
    wanted: { mediumId, siteKey },
    mountPoint: folder,
    devices: async () => [],
    nowMs: () => 0,
    say: () => {},
  }
  const medium = new MountedMedium(search, {
    kind: 'found',
    device: { device: '/dev/sdz1', place: 'removable' },
    manifest,
  })
  return { medium, folder }
}

test('S7-022: variables are opened by the password, and by no other', async (t) => {
  const variables = [{ name: 'Office', value: 'Berlin', secret: false }]
  const { medium, folder } = await mounted(t, { password: 'swordfish', sealed: { variables } })
  t.deepEqual(await medium.open('marlin'), { kind: 'wrong-password' })
  const opened = await medium.open('swordfish')
  t.deepEqual(opened.kind === 'opened' ? opened.contents.variables : [], variables)
  writeFileSync(join(folder, mediumFiles.variables), 'x')
  t.like(await medium.open('swordfish'), { kind: 'refused' })
})

test('the claim of a medium is for one key and one hello, signed with the key of the medium', async (t) => {
  const { medium } = await mounted(t)
  const identity = { identityKey: 'key', nonce: 'nonce' }
  const claim = claimOf(medium.manifest, { mediumKey: mediumSigningKey }, identity)
  const key = rawPublicKey(readSigningKey(mediumSigningKey))
  t.true(isSignedBy(key, mediumClaimText(mediumId, 'key', 'nonce'), claim?.signature ?? ''))
  t.is(claimOf(medium.manifest, {}, identity), undefined)
})

const parts = { isInteractive: false, variables: [], say: () => {} }

test('S7-022, S6-047: a prestart command runs with its files, and what it sets are variables, but for read-only ones', async (t) => {
  const { medium } = await mounted(t, { files: { 'ask.sh': 'echo "Office=Berlin" >> "$REVEILLE_VARIABLES"' } })
  const said: string[] = []
  const commandLine =
    'sh ask.sh; echo "_SMSTSType=1" >> "$REVEILLE_VARIABLES"; echo "office= Bonn" >> "$REVEILLE_VARIABLES"; pwd'
  const folder = join(makeFolder(t), 'prestart')
  const ended = await runPrestart(
    { commandLine, contentId },
    { ...parts, medium, folder, say: (text) => said.push(text) },
  )
  t.deepEqual(ended, { kind: 'succeeded', variables: [{ name: 'office', value: ' Bonn', secret: false }] })
  t.true(said.includes(join(folder, 'files')))
  t.true(said.some((text) => text.includes('_SMSTSType is read-only')))
})

test('S7-021: a prestart command is given the variables of the medium, secret ones left out, and nobody sees them', async (t) => {
  const { medium } = await mounted(t)
  const said: string[] = []
  const folder = join(makeFolder(t), 'prestart')
  const variables = [
    { name: 'Office', value: 'Graz = north; $(false) "x"', secret: false },
    { name: 'Join', value: 'canary-4711', secret: true },
    { name: 'Text', value: 'two\nlines', secret: false },
    { name: 'Floor', value: '2', secret: false },
  ]
  const commandLine = `
    cat "$REVEILLE_MEDIUM_VARIABLES"
    stat -c 'mode %a' "$REVEILLE_MEDIUM_VARIABLES"
    office=$(sed -n 's/^Office=//p' "$REVEILLE_MEDIUM_VARIABLES")
    echo "Place=$office" >> "$REVEILLE_VARIABLES"
    grep -rc canary /proc/$$/environ "$REVEILLE_MEDIUM_VARIABLES" | sed 's/^.*:/canaries:/'`
  const ended = await runPrestart(
    { commandLine },
    { ...parts, variables, medium, folder, say: (text) => said.push(text) },
  )
  t.deepEqual(ended, {
    kind: 'succeeded',
    variables: [{ name: 'Place', value: 'Graz = north; $(false) "x"', secret: false }],
  })
  t.deepEqual(
    said.filter((text) => !text.startsWith('The prestart command runs')),
    [
      'Text has several lines, so the prestart command does not see it.',
      'Office=Graz = north; $(false) "x"',
      'Floor=2',
      'mode 600',
      'canaries:0',
      'canaries:0',
    ],
  )
})

test('S6-047: a prestart command that fails, or never returns, is said to, and sets nothing', async (t) => {
  const { medium } = await mounted(t)
  const folder = join(makeFolder(t), 'prestart')
  const failed = await runPrestart(
    { commandLine: 'echo A=b >> "$REVEILLE_VARIABLES"; exit 7' },
    { ...parts, medium, folder },
  )
  t.deepEqual(failed, { kind: 'failed', reason: 'it ended with exit code 7' })
  const stuck = await runPrestart({ commandLine: 'sleep 600' }, { ...parts, medium, folder, timeoutMs: 50 })
  t.deepEqual(stuck, { kind: 'failed', reason: 'it was ended after 1 minutes' })
})

test('S7-022: files of a prestart command that were altered, or are missing, do not run', async (t) => {
  const { medium, folder: onMedium } = await mounted(t, { files: { 'ask.sh': 'touch "$PROOF"' } })
  const sha256 = medium.manifest.contents[0]?.files[0]?.sha256
  if (sha256 === undefined) throw new Error('a wrong fixture')
  const folder = join(makeFolder(t), 'prestart')
  writeFileSync(join(onMedium, mediumContentPath(sha256)), 'touch "$EVIL"')
  const prestart = { commandLine: `PROOF=${folder}.ran sh ask.sh`, contentId }
  t.deepEqual(await runPrestart(prestart, { ...parts, medium, folder }), {
    kind: 'failed',
    reason: 'ask.sh of Prestart files was altered on this medium',
  })
  t.false(existsSync(`${folder}.ran`))
  t.regex(readFileSync(join(onMedium, mediumFiles.manifest), 'utf8'), /ask\.sh/)
})

test('lines without a name are no variables', (t) => {
  t.deepEqual(
    parseVariables('=x\nnothing\nA=1=2\n', () => {}),
    [{ name: 'A', value: '1=2', secret: false }],
  )
})

test('S7-011, S7-012: the site is where the prestart command says, then the medium’s variables, then what it was made for', (t) => {
  const one = (name: string, value: string) => [{ name, value, secret: false }]
  const manifest = { servers: ['http://a', 'https://b'] }
  t.deepEqual(serversOf(manifest, { medium: [], prestart: [] }), ['http://a', 'https://b'])
  const medium = one('SMSTSLocationMPs', 'http://c*https://d/*no-address')
  t.deepEqual(serversOf(manifest, { medium, prestart: [] }), ['http://c', 'https://d'])
  t.deepEqual(serversOf(manifest, { medium, prestart: one('smstsmp', 'http://e') }), ['http://e'])
})

test('S6-040, S6-042: the preferred deployment of the medium and that of the prestart command are told apart', (t) => {
  const one = (value: string) => [{ name: 'SMSTSPreferredAdvertID', value, secret: false }]
  t.is(preferredOf({ medium: [], prestart: [] }), undefined)
  t.deepEqual(preferredOf({ medium: one('RVL20001'), prestart: one('RVL20002') }), {
    medium: 'RVL20001',
    prestart: 'RVL20002',
  })
})

test('the mark of a medium counts for this medium and this machine, and not through a link', (t) => {
  const root = makeFolder(t)
  const machine = { macAddresses: ['52:54:00:00:00:01'] }
  t.is(readMediumMark(root, mediumId, machine), undefined)
  const mark = { mediumId, atMs: 5, machine }
  writeMediumMark(root, mark)
  t.deepEqual(readMediumMark(root, mediumId, machine), mark)
  t.is(readMediumMark(root, otherMediumId, machine), undefined)
  t.is(readMediumMark(root, mediumId, { macAddresses: ['52:54:00:00:00:02'] }), undefined)
  writeFileSync(join(root, 'var/lib/reveille/started-from-medium.json'), 'x', { mode: 0o600 })
  t.is(readMediumMark(root, mediumId, machine), undefined)
})

test('S6-052, S7-014: content that was only looked for leaves nothing of the medium open: it can be taken away', async (t) => {
  const { medium, folder } = await mounted(t, { files: { 'ask.sh': 'true' } })
  const [file] = medium.manifest.contents[0]?.files ?? []
  if (file === undefined) throw new Error('a wrong fixture')
  t.not(await medium.readContent(file), undefined)
  const looked = await medium.readContent(file)
  await looked?.[Symbol.asyncIterator]().return?.()
  t.deepEqual(openBelow(folder), [])
})

/** Of this process. */
function openBelow(folder: string): readonly string[] {
  const places = readdirSync('/proc/self/fd').map((fd) => placeOf(`/proc/self/fd/${fd}`))
  return places.filter((place) => place.startsWith(folder))
}

/** The one that the folder was read with is gone already. */
function placeOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
