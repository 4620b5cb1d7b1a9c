/** The suite in unknown-computer-suite.ts over SQLite, and its limit. */

import { join } from 'node:path'
import test from 'ava'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { openSqliteSite, startMs, temporaryDirectory } from './open-test-store.ts'
import { client, collectionId, deployment, hash, mac, newRun, runId, saved, smallSite } from './site-builders.ts'
import { unknownComputerSuite } from './unknown-computer-suite.ts'

unknownComputerSuite(openSqliteSite)

test('S6-028: without room for a mark a required run does not start, and no older mark makes room', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  const store = await openStore({
    databaseFile,
    siteCode: defaultSiteCode,
    nowMs: () => startMs,
    unknownComputerMarksMax: 1,
  })
  t.teardown(() => store.close())
  const { sequence } = await smallSite(store)
  const unknown = collectionId('RVL10002')
  const deployed = saved(await store.deployments.create(deployment(sequence.id, unknown, { purpose: 'required' })))
  const start = async (lane: string, digit: string) =>
    store.startRun({
      ...newRun({ id: runId(digit), deploymentId: deployed.id, lane: mac(lane), required: true, token: hash(digit) }),
      resumeTicketSha256: `${digit}${hash('9').slice(1)}`,
      mayReplaceLive: true,
      unknownComputer: { macAddresses: [mac(lane)], architecture: 'x64' },
    })
  t.like(await start('52:54:00:00:00:a1', 'a'), { state: 'running' })
  t.is(await start('52:54:00:00:00:a2', 'b'), 'too-many-marks')
  t.is(await store.getRun(runId('b')), undefined)
  t.is((await store.about(client({ macAddress: mac('52:54:00:00:00:a1') }))).unknownComputerMarks.length, 1)
  t.like(await start('52:54:00:00:00:a1', 'c'), { state: 'running' }, 'its own mark is replaced')
  saved(await store.clearRequiredPxeDeploymentsOfCollection(unknown))
  t.like(await start('52:54:00:00:00:a2', 'd'), { state: 'running' })
})
