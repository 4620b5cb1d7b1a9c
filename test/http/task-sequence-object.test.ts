/** What stands around the document of a task sequence, and what a copy takes along. */

import test from 'ava'
import { bootImage, program, saved, softwarePackage } from '../store/site-builders.ts'
import { openTestSite, type TestSite } from './test-site.ts'

async function createWhole(site: TestSite) {
  const image = saved(await site.store.bootImages.create(bootImage()))
  const tools = saved(await site.store.packages.create(softwarePackage({ programs: [program('Check')] })))
  const answer = await site.api('POST', '/task-sequences', {
    bootImageId: image.id,
    sequence: {
      name: 'Kiosk',
      description: 'For the hall',
      children: [{ name: 'Group', children: [{ action: { type: 'install-package', baseVariable: 'Pkg' } }] }],
    },
    settings: {
      maximumRunMinutes: 45,
      platforms: [{ architecture: 'x64' }],
      runFirst: { packageId: tools.id, programName: 'Check' },
    },
  })
  return { image, tools, answer }
}

test('S1-009: a task sequence has an id of its own, a boot image, a run time, platforms and a program to run first', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const { image, tools, answer } = await createWhole(site)
  t.is(answer.status, 201, answer.body.toString())
  t.regex(String(answer.json['id']), /^RVL[0-9A-F]{5}$/)
  t.like(answer.json, {
    bootImageId: image.id,
    settings: {
      maximumRunMinutes: 45,
      platforms: [{ architecture: 'x64' }],
      runFirst: { packageId: tools.id, programName: 'Check' },
    },
  })
})

test('S11-007: a copy has everything that the original has, but its id and its name', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const { answer: original } = await createWhole(site)
  const copy = await site.api('POST', `/task-sequences/${String(original.json['id'])}/copy`)
  t.is(copy.status, 201, copy.body.toString())
  t.not(copy.json['id'], original.json['id'])
  t.deepEqual(copy.json['settings'], original.json['settings'])
  t.is(copy.json['bootImageId'], original.json['bootImageId'])
  const { name: _, ...own } = Object(original.json['sequence'])
  t.deepEqual(copy.json['sequence'], { ...own, name: 'Kiosk - Copy' })
})
