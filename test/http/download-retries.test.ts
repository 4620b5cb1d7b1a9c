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
