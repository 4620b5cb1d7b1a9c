/** What the site says of tries and pauses, in the downloads of a run of the real agent. */

import test from 'ava'
import { makeFolder } from '../bootstrap/loop-disk.ts'
import { mac, prepare } from './agent-site.ts'
import { realAgent } from './real-agent.ts'

test('S3.2: SMSTSDownloadRetryCount and SMSTSDownloadRetryDelay of the site are those of a run', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const usual = await realAgent(prepared, makeFolder(t))
  t.false('triesOfBaseMax' in usual.session.download)
  const [device] = await site.store.devices.list()
  const variables = [
    { name: 'SMSTSDownloadRetryCount', value: '3' },
    { name: 'smstsdownloadretrydelay', value: '20' },
  ]
  await site.api('PUT', `/devices/${String(device?.id)}`, { name: 'PC1', macAddresses: [mac], variables })
  site.clock.nowMs += 200_000
  const { session } = await realAgent(prepared, makeFolder(t))
  t.like(session.download, { triesOfBaseMax: 3, backOff: { firstMs: 20_000, mostMs: 20_000 } })
})

test('S5-033: the log of a run says which server its content comes from, once for each change', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { session, runId } = await realAgent(prepared, makeFolder(t))
  session.reporter.start()
  t.teardown(() => session.reporter.close())
  for (const base of ['http://hall:8080', 'http://hall:8080', 'http://site:8080']) session.download.onServed?.(base)
  t.true(await session.reporter.allKept())
  const { body } = await site.api('GET', `/runs/${runId}/events`)
  t.deepEqual(body.toString().match(/Content comes from [^"]+/g), [
    'Content comes from http://hall:8080',
    'Content comes from http://site:8080',
  ])
})
