/** Alerts in the store: raised once for their cause, cleared when it is over, over restarts and with any clock. */

import { join } from 'node:path'
import test from 'ava'
import * as fc from 'fast-check'
import {
  defaultSiteCode,
  type DeploymentId,
  type DeviceId,
  parseRunId,
  type RunId,
} from '../../server/address/identifiers.ts'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import { assert } from '../../server/assert.ts'
import { raiseAlerts } from '../../server/schedule/raise-alerts.ts'
import { alertState } from '../../server/site/alert.ts'
import type { Deployment } from '../../server/site/deployment.ts'
import { actingAs } from '../../server/store/actor.ts'
import type { Draft, Store } from '../../server/store/ports.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { openSqliteSite, startMs, temporaryDirectory } from './open-test-store.ts'
import {
  collection,
  collectionId,
  deployment,
  device,
  event,
  mac,
  newRun,
  saved,
  smallSite,
  startedRun,
} from './site-builders.ts'

const minute = 60_000
const hour = 60 * minute
const nothing = { raised: [], cleared: [], changed: [] }
const all = { limit: 1_000, offset: 0 }

/** A deployment to four devices, of which the first that are asked for have failed and the next have succeeded. */
async function deployed(store: Store, options: Partial<Draft<Deployment>>) {
  const { sequence } = await smallSite(store)
  const devices = []
  for (const digit of [1, 2, 3, 4]) {
    const macAddresses = [mac(`52:54:00:00:02:0${digit}`)]
    devices.push(saved(await store.devices.create(device({ name: `D${digit}`, macAddresses }))).id)
  }
  const four = saved(await store.collections.create(collection({ name: 'Four', directMembers: devices })))
  const draft = deployment(sequence.id, four.id, options)
  const { id } = saved(await store.deployments.create(draft))
  return { id, draft, devices, four, sequence }
}

let runs = 0

async function start(store: Store, deploymentId: DeploymentId, deviceId: DeviceId | undefined): Promise<RunId> {
  assert(deviceId !== undefined, 'the site has four devices')
  runs += 1
  const text = runs.toString(16)
  const [id, lane] = [parseRunId(text.padStart(32, '0')), parseMacAddress(`02${text.padStart(10, '0')}`)]
  assert(id !== undefined && lane !== undefined, 'numbers make identifiers')
  const keys = { token: `1${text.padStart(63, '0')}`, ticket: `2${text.padStart(63, '0')}`, identityKey: `key-${text}` }
  await startedRun(
    store,
    newRun({ id, lane, deploymentId, deviceId, ...keys, mayReplaceLive: true, startedAtMs: startMs + runs }),
  )
  return id
}

async function end(store: Store, id: RunId, kind: 'succeeded' | 'failed'): Promise<void> {
  const outcome = kind === 'succeeded' ? ({ kind } as const) : ({ kind, path: [], exitCode: 1, message: 'no' } as const)
  await store.addEvents(id, [event(1, { kind: 'sequence-ended', outcome })], startMs)
}

const statesOf = async (store: Store) =>
  (await store.alerts(all)).map((alert) => `${alert.kind} ${alertState(alert)}`).toReversed()

test('S5-036: too few successes are alerted at their instant, though the server was away, and once whatever the clock does', async (t) => {
  const { store, clock, reopen } = await openSqliteSite(t)
  const successAlert = { belowPercent: 50, atMs: startMs + hour }
  const { id, devices } = await deployed(store, { successAlert })
  await end(store, await start(store, id, devices[0]), 'succeeded')
  clock.nowMs = startMs + hour - 1
  t.deepEqual(await store.judgeAlerts(), nothing)
  const again = await reopen()
  clock.nowMs = startMs + 9 * hour
  const { raised } = await again.judgeAlerts()
  t.like(raised[0], { kind: 'success-below-threshold', deploymentId: id, raisedAtMs: clock.nowMs })
  t.regex(raised[0]?.text ?? '', /1 of 4 machines have succeeded, and 50 % were to/)
  clock.nowMs = startMs
  t.deepEqual((await (await reopen()).judgeAlerts()).raised, [], 'its instant is to come once more')
  const last = await reopen()
  await end(last, await start(last, id, devices[1]), 'succeeded')
  t.is((await last.judgeAlerts()).cleared.length, 1)
  await end(last, await start(last, id, devices[1]), 'failed')
  clock.nowMs = startMs + 10 * hour
  await last.judgeAlerts()
  t.deepEqual(await statesOf(last), ['success-below-threshold cleared'], 'it is judged once')
})

test('S5-036: a threshold that is edited is judged anew, and one that is taken away is over', async (t) => {
  const { store } = await openSqliteSite(t)
  const { id, draft, devices } = await deployed(store, { failureAlert: { abovePercent: 20 } })
  await end(store, await start(store, id, devices[0]), 'failed')
  await store.judgeAlerts()
  const [first] = await store.alerts(all)
  t.like(first, { kind: 'failure-above-threshold', severity: 'critical' })
  saved(await store.acknowledgeAlert(first?.id ?? 0))
  const edit = async (options: Partial<Draft<Deployment>>) => {
    saved(await store.deployments.replace(id, { ...draft, ...options }, undefined))
    await store.judgeAlerts()
  }
  await edit({ failureAlert: { abovePercent: 24 } })
  t.deepEqual(await statesOf(store), ['failure-above-threshold cleared', 'failure-above-threshold raised'])
  const failureAlert = { abovePercent: 99 }
  await edit({ failureAlert, successAlert: { belowPercent: 90, atMs: startMs } })
  await edit({ failureAlert, successAlert: { belowPercent: 95, atMs: startMs } })
  t.deepEqual((await statesOf(store)).slice(2), ['success-below-threshold cleared', 'success-below-threshold raised'])
  saved(await store.deployments.remove(id, undefined))
  await store.judgeAlerts()
  t.deepEqual([...new Set((await store.alerts(all)).map(alertState))], ['cleared'])
})

test('S5-036: more failures are told in the alert there is, and acknowledging is audited and stays the first one', async (t) => {
  const { store } = await openSqliteSite(t)
  let told = 0
  const stop = store.onAlerts(() => (told += 1))
  const { id, devices } = await deployed(store, { failureAlert: { abovePercent: 20 } })
  t.deepEqual(await store.judgeAlerts(), nothing)
  t.is(told, 0, 'nothing has changed')
  for (const deviceId of devices.slice(0, 2)) {
    await end(store, await start(store, id, deviceId), 'failed')
    await store.judgeAlerts()
  }
  t.is(await store.openAlertCount(), 1)
  t.is(told, 2, 'raised, and then with another number')
  const [alert] = await store.alerts({ ...all, state: 'raised' })
  t.regex(alert?.text ?? '', /2 of 4 machines have failed/)
  for (const name of ['anna', 'bert']) {
    await actingAs({ key: name, name }, async () => saved(await store.acknowledgeAlert(alert?.id ?? 0)))
  }
  t.is(told, 4)
  stop()
  t.is(await store.openAlertCount(), 0)
  t.deepEqual((await store.alerts({ ...all, state: 'acknowledged' }))[0]?.acknowledged, { by: 'anna', atMs: startMs })
  const entries = await store.auditEntries({ kind: 'alert', limit: 9 })
  t.deepEqual(
    entries.map(({ action, by, id }) => [action, by, id]),
    [['acknowledge', 'anna', String(alert?.id)]],
  )
  t.is((await store.acknowledgeAlert(4_711)).kind, 'not-found')
})

test('a ring that stopped is alerted until it is resumed; the end that stops it is no edit', async (t) => {
  const { store } = await openSqliteSite(t)
  const { id, devices } = await deployed(store, { canary: { machines: 2, failuresMax: 0 } })
  const run = await start(store, id, devices[0])
  await store.judgeAlerts()
  await end(store, run, 'failed')
  await store.judgeAlerts()
  t.deepEqual(await statesOf(store), ['canary-ring-stopped raised'])
  saved(await store.resumeCanary(id))
  await store.judgeAlerts()
  await start(store, id, devices[1])
  await store.judgeAlerts()
  t.is((await store.abandonSilentRuns({ nowMs: startMs + hour, silentMs: minute })).length, 1)
  await store.judgeAlerts()
  t.deepEqual(await statesOf(store), ['canary-ring-stopped cleared', 'canary-ring-stopped raised'])
  // Resumed and stopped again before anybody has looked.
  saved(await store.resumeCanary(id))
  await end(store, await start(store, id, devices[2]), 'failed')
  const { raised, cleared } = await store.judgeAlerts()
  t.deepEqual([raised.length, cleared.length], [1, 1])
})

test('S9-016: what waits for a window that never comes is alerted, and so is one that has come for the last time', async (t) => {
  const { store, clock } = await openSqliteSite(t)
  const clients = { purpose: 'required', makeAvailableTo: 'clients' } as const
  const { id, draft, devices, four, sequence } = await deployed(store, clients)
  await store.judgeAlerts()
  t.deepEqual(await statesOf(store), [], 'without windows nothing waits')
  const change = async (durationMinutes: number) => {
    const nights = {
      name: 'Nights',
      enabled: true,
      appliesTo: 'any-deployment',
      clock: 'utc',
      startWallMs: startMs + hour,
      durationMinutes,
      recurrence: { kind: 'once' },
    } as const
    const fields = { name: 'Four', directMembers: devices, maintenanceWindows: [nights] }
    saved(await store.collections.replace(four.id, collection(fields), undefined))
    return store.judgeAlerts()
  }
  const { maximumRunMinutes } = sequence.settings
  const { raised } = await change(maximumRunMinutes - 1)
  t.regex(raised[0]?.text ?? '', /on 4 devices, D1 among them, it waits for a maintenance window that will never come/)
  t.is((await change(maximumRunMinutes)).cleared.length, 1)
  clock.nowMs = startMs + 2 * hour
  t.is((await store.judgeAlerts()).raised.length, 1, 'nobody edits anything, and the only window has begun')
  clock.nowMs = startMs + 72 * hour
  t.deepEqual(await store.judgeAlerts(), nothing, 'nor does it come days later')
  saved(await store.deployments.replace(id, { ...draft, softwareInstallationOutsideWindow: true }, undefined))
  t.is((await store.judgeAlerts()).cleared.length, 1)
})

test('as many marks of unknown computers as there may be are alerted until some are cleared', async (t) => {
  const databaseFile = join(await temporaryDirectory(t), 'site.db')
  const store = await openStore({
    databaseFile,
    siteCode: defaultSiteCode,
    nowMs: () => startMs,
    unknownComputerMarksMax: 1,
  })
  const { sequence } = await smallSite(store)
  const unknown = collectionId('RVL10002')
  const { id } = saved(await store.deployments.create(deployment(sequence.id, unknown, { purpose: 'required' })))
  await store.judgeAlerts()
  const macAddresses = [mac('52:54:00:00:00:99')]
  const unknownComputer = { macAddresses, architecture: 'x64' } as const
  await startedRun(store, { ...newRun({ deploymentId: id, required: true }), unknownComputer })
  await store.judgeAlerts()
  t.deepEqual(await statesOf(store), ['unknown-computer-marks raised'])
  saved(await store.clearRequiredPxeDeploymentsOfCollection(unknown))
  await store.judgeAlerts()
  t.deepEqual(await statesOf(store), ['unknown-computer-marks cleared'])
  await store.close()
})

test('S5-036: whatever happens, a cause has one alert at a time, and an instant is judged once', async (t) => {
  const { store, clock } = await openSqliteSite(t)
  const { devices, draft } = await deployed(store, {})
  const step = fc.oneof(
    fc.record({ what: fc.constant('run' as const), at: fc.nat(3), kind: fc.constantFrom('succeeded', 'failed') }),
    fc.record({ what: fc.constant('clock' as const), toMs: fc.integer({ min: 0, max: 10 * hour }) }),
    fc.record({ what: fc.constant('threshold' as const), percent: fc.constantFrom(30, 60) }),
    fc.record({ what: fc.constant('acknowledge' as const) }),
  )
  const play = fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
    clock.nowMs = startMs
    const thresholds = (percent: number) => ({
      successAlert: { belowPercent: percent, atMs: startMs + 5 * hour },
      failureAlert: { abovePercent: percent },
    })
    let percent = 30
    const { id } = saved(await store.deployments.create({ ...draft, ...thresholds(percent) }))
    const ended = new Map<number, string>()
    for (const one of steps) {
      if (one.what === 'clock') clock.nowMs = startMs + one.toMs
      else if (one.what === 'threshold') {
        percent = one.percent
        saved(await store.deployments.replace(id, { ...draft, ...thresholds(percent) }, undefined))
      } else if (one.what === 'acknowledge') {
        for (const alert of await store.alerts({ ...all, state: 'raised' }))
          saved(await store.acknowledgeAlert(alert.id))
      } else {
        const kind = one.kind === 'failed' ? 'failed' : 'succeeded'
        await end(store, await start(store, id, devices[one.at]), kind)
        ended.set(one.at, kind)
      }
      await store.judgeAlerts()
      const own = (await store.alerts(all)).filter(({ deploymentId }) => deploymentId === id)
      const live = own.filter(({ clearedAtMs }) => clearedAtMs === undefined)
      t.is(new Set(live.map(({ cause }) => cause)).size, live.length)
      const count = (kind: string) => [...ended.values()].filter((is) => is === kind).length
      t.is(
        live.some(({ kind }) => kind === 'failure-above-threshold'),
        count('failed') * 25 > percent,
      )
      const isLow = count('succeeded') * 25 < percent
      const lowLive = live.filter(({ kind }) => kind === 'success-below-threshold')
      t.true(lowLive.length === 0 || isLow, 'what is well again is over')
      t.true(
        lowLive.every(({ cause }) => cause.includes(` ${percent}@`)),
        'a threshold of before is over',
      )
    }
    saved(await store.deployments.remove(id, undefined))
    await store.judgeAlerts()
  })
  await fc.assert(play, { numRuns: 30 })
})

test('the job of the clock says what it raised, and is silent when there was nothing', async (t) => {
  const { store } = await openSqliteSite(t)
  const { id, devices } = await deployed(store, { failureAlert: { abovePercent: 0 } })
  const job = raiseAlerts(store)
  t.deepEqual(await job.run(startMs), {})
  await end(store, await start(store, id, devices[0]), 'failed')
  const report = await job.run(startMs)
  t.is(report.text, 'Raised 1 alerts and cleared 0')
  t.regex(JSON.stringify(report.fields), /1 of 4 machines have failed/)
  t.deepEqual(await job.run(startMs), {})
})
