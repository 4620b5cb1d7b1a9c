/** Capture media: a boot image and the product's own sequence, which asks where to. */

import test from 'ava'
import { captureDraft, makeCapture } from '../../server/http/api/media/make-capture.ts'
import { captureSequence, captureVariables } from '../../server/sequence/capture-sequence.ts'
import { bootImage, file, packageId, saved } from '../store/site-builders.ts'
import { openTestSite } from './test-site.ts'

test('S7-009: a capture medium is a boot image and its own sequence, and asks where to and with which account', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const { id } = saved(await site.store.bootImages.create(bootImage()))
  saved(await site.store.addContent(id, [file('vmlinuz'), file('initrd.img')]))
  const make = async (more: object) =>
    makeCapture(
      { dependencies: site.dependencies, nowMs: 1, siteUrls: [] },
      captureDraft.parse({ kind: 'capture', password: null, bootImageId: id, ...more }),
    )
  const made = await make({})
  if (made.kind !== 'made') throw new Error(JSON.stringify(made.faults))
  t.like(made.parts, { asksSite: false, unattended: false, contents: [], servers: [] })
  t.is(made.parts.policy?.sequence, captureSequence)
  t.true(captureVariables.every(({ value }) => value === ''))
  t.deepEqual(
    captureVariables.filter(({ secret }) => secret).map(({ name }) => name),
    ['SMSConnectNetworkFolderPassword'],
  )
  const faultsOf = async (more: object) => {
    const refused = await make(more)
    return refused.kind === 'faults' ? refused.faults.map(({ path }) => path) : []
  }
  t.deepEqual(await faultsOf({ password: 'correct horse battery' }), ['password'])
  t.deepEqual(await faultsOf({ variables: [{ name: 'A', value: 'b' }], startsAtMs: 5 }), ['variables', 'startsAtMs'])
  t.deepEqual(await faultsOf({ bootImageId: packageId('RVL0FFFF') }), ['bootImageId'])
})
