/** Content of operating system images over the API: what is in an archive is told, and what is none is sent back. */

import test from 'ava'
import { z } from 'zod'
import { addedContentView } from '../../server/http/api/fields.ts'
import { rootArchive, systemEntries, tarOf } from '../support/root-archive.ts'
import { makeWim } from '../support/wim.ts'
import { addContent, openTestSite, type TestSite } from './test-site.ts'

let site: TestSite
test.before(async () => {
  site = await openTestSite()
})
test.after.always(() => site.close())

async function newImage(name: string, fields: object = {}): Promise<string> {
  const { json } = await site.api('POST', '/operating-system-images', { name, architecture: 'x64', ...fields })
  return `/operating-system-images/${String(json['id'])}`
}

const faultsOf = (json: Record<string, unknown>) =>
  z.array(z.object({ path: z.string(), message: z.string() })).parse(json['faults'])

test('the answer to new content says what is in the archive', async (t) => {
  const answer = await addContent(site, await newImage('Facts'), { 'debian.tar': await rootArchive('Debian 13') })
  t.is(answer.status, 201, answer.body.toString())
  t.like(addedContentView.parse(answer.json).inspection, {
    file: 'debian.tar',
    facts: { operatingSystem: 'Debian 13', architecture: 'x64', kernel: true, compression: 'none' },
    warnings: [],
  })
})

test('a missing kernel and another architecture are warnings', async (t) => {
  const archive = await tarOf(systemEntries('Debian').filter(({ name }) => !name.includes('vmlinuz')))
  const path = await newImage('Warnings', { architecture: 'arm64' })
  const answer = await addContent(site, path, { 'rootfs.tar': archive })
  t.is(answer.status, 201)
  t.deepEqual(addedContentView.parse(answer.json).inspection?.warnings, [
    'no kernel: Setup Windows and ConfigMgr will fail',
    'The archive holds programs for x64, and the image says arm64.',
  ])
})

test('E01, E02: a hostile archive is refused with every fault, and makes no version', async (t) => {
  const path = await newImage('Hostile')
  const archive = await tarOf([
    ...systemEntries('Debian'),
    { name: '../outside', text: 'x' },
    { name: 'bin/sh', text: 'x' },
  ])
  const answer = await addContent(site, path, { 'rootfs.tar': archive })
  t.is(answer.status, 422)
  t.is(answer.json['code'], 'not-a-root-archive')
  t.deepEqual(faultsOf(answer.json), [
    { path: 'files[0]', message: '../outside: its name climbs out with ".."' },
    { path: 'files[0]', message: 'bin/sh: it lies below bin, which is a symbolic link' },
  ])
  t.is((await site.api('GET', path)).json['content'], undefined)
})

test('E04: what is no archive at all is refused with what is expected', async (t) => {
  const answer = await addContent(site, await newImage('Text'), { 'rootfs.tar': Buffer.from('no archive') })
  t.is(answer.status, 422)
  t.regex(
    faultsOf(answer.json)[0]?.message ?? '',
    /^It is no tar archive\. Expected is a tar archive of a root file system/,
  )
})

test('of several files the archive is the one named rootfs.tar', async (t) => {
  const notes = Buffer.from('notes')
  const archive = await rootArchive()
  const named = await addContent(site, await newImage('Named'), { 'notes.txt': notes, 'rootfs.tar': archive })
  t.is(addedContentView.parse(named.json).inspection?.file, 'rootfs.tar')
  const unnamed = await addContent(site, await newImage('Unnamed'), { 'notes.txt': notes, 'debian.tar': archive })
  t.is(unnamed.status, 422)
  t.deepEqual(
    faultsOf(unnamed.json).map(({ path }) => path),
    ['files'],
  )
})

test('an archive that cannot be looked into is taken, with a warning that says so', async (t) => {
  const xz = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0, 0])
  const answer = await addContent(site, await newImage('Xz'), { 'rootfs.tar': xz })
  t.is(answer.status, 201)
  const { inspection } = addedContentView.parse(answer.json)
  t.is(inspection?.facts, undefined)
  t.regex(inspection?.warnings.join() ?? '', /^rootfs\.tar was not inspected\. It is compressed with xz/)
})

test('the images of a WIM are told with the answer', async (t) => {
  const octets = makeWim({ images: ['Home', 'Server'] })
  const answer = await addContent(site, await newImage('Wim', { format: 'wim' }), { 'install.wim': octets })
  t.is(answer.status, 201)
  const { inspection } = addedContentView.parse(answer.json)
  t.deepEqual(
    inspection?.wim?.images.map(({ index, name }) => `${index} ${name}`),
    ['1 Home', '2 Server'],
  )
  t.regex(inspection?.warnings.join() ?? '', /not pipable/)
})

test('E04: what is no WIM is refused where one is expected', async (t) => {
  const answer = await addContent(site, await newImage('No WIM', { format: 'wim' }), {
    'image.wim': await rootArchive(),
  })
  t.is(answer.status, 422)
  t.is(answer.json['code'], 'not-a-wim-image')
  t.regex(faultsOf(answer.json)[0]?.message ?? '', /^It is no WIM file/)
})
