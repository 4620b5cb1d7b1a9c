/** Prestaged media through the API: what is on them, and what is refused. */

import test from 'ava'
import { deployForMedia, faultTexts, makeMedium } from './media-site.ts'
import { tarOf } from '../support/root-archive.ts'
import { adminToken, openTestSite, type TestSite } from './test-site.ts'

async function open(t: { teardown(end: () => Promise<void>): void }): Promise<TestSite> {
  const site = await openTestSite()
  t.teardown(() => site.close())
  return site
}

test('S7-008, S7-031: a prestaged medium has the content of its sequence, and is the image of a disk', async (t) => {
  const site = await open(t)
  const { bootImageId } = await deployForMedia(site)
  const made = await site.api('POST', '/packages', { name: 'Tools' })
  const packageId = String(made.json['id'])
  await site.ask('PUT', `/api/v1/packages/${packageId}/content`, {
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/x-tar' },
    body: await tarOf([{ name: 'setup.sh', text: 'echo tools' }]),
  })
  const step = {
    name: 'Get',
    action: {
      type: 'download-package-content',
      content: [{ kind: 'package', id: packageId }],
      location: 'working-directory',
    },
  }
  const sequence = await site.api('POST', '/task-sequences', {
    bootImageId,
    sequence: { name: 'Get', children: [step] },
  })
  const fields = { kind: 'prestaged', bootImageId, taskSequenceId: sequence.json['id'], password: null }
  const { id, json } = await makeMedium(site, fields)
  t.deepEqual(json['contents'], [{ id: packageId, name: 'Tools', version: 1, kind: 'package' }])
  t.like(json, { kind: 'prestaged', volumes: [{ number: 1, images: [{ format: 'disk' }] }] })
  const image = await site.api('GET', `/media/${id}/image?format=disk`)
  t.is(image.status, 200)
  t.is(image.body.toString('latin1', 512, 520), 'EFI PART')
  t.true(image.body.includes('echo tools'))
  t.is((await site.api('GET', `/media/${id}/image?format=iso`)).status, 409)
})

test('S7-008: a prestaged medium without content, or with content that is not there, is refused by name', async (t) => {
  const site = await open(t)
  const { bootImageId } = await deployForMedia(site)
  const make = async (fields: object) =>
    site.api('POST', '/media', { kind: 'prestaged', bootImageId, password: null, ...fields })
  const empty = await make({})
  t.is(empty.status, 422)
  t.regex(faultTexts(empty), /taskSequenceId: a prestaged medium has content/)
  const missing = await make({
    packages: ['RVL0000F'],
    operatingSystemImages: ['RVL0000E'],
    taskSequenceId: 'RVL0000D',
  })
  t.is(missing.status, 422)
  t.regex(faultTexts(missing), /packages: .*RVL0000F/)
  t.regex(faultTexts(missing), /operatingSystemImages: .*RVL0000E/)
  t.regex(faultTexts(missing), /taskSequenceId: there is no task sequence RVL0000D/)
})
