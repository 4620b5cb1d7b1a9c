/** The state of a deployment on its machines, from the store: members, those that left, unknown computers, and many runs of each. */

import test from 'ava'
import * as fc from 'fast-check'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import { parseRunId } from '../../server/address/identifiers.ts'
import type { DeploymentId, DeviceId, RunId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import type { RunEventBody } from '../../server/contract/agent.ts'
import type { StateCounts } from '../../server/store/deployment-status-port.ts'
import type { Store } from '../../server/store/ports.ts'
import type { MaintenanceWindow } from '../../server/site/maintenance-window.ts'
import { openSqliteSite, startMs } from './open-test-store.ts'
import {
  collection,
  collectionId,
  deployment,
  deploymentId,
  device,
  event,
  file,
  inventory,
  mac,
  newRun,
  saved,
  smallSite,
  startedRun,
} from './site-builders.ts'

const minute = 60_000
const all = { offset: 0, limit: 20_000 }
const nobody = { success: 0, 'in-progress': 0, 'requirements-not-met': 0, unknown: 0, error: 0 }

let runs = 0
type On = { readonly deviceId: DeviceId } | { readonly lane: string }

/** Every run has keys of its own, and is reported by nobody else. */
async function startOn(store: Store, id: DeploymentId, on: On, startedAtMs = startMs): Promise<RunId> {
  runs += 1
  const text = runs.toString(16)
  const lane = 'lane' in on ? mac(on.lane) : parseMacAddress(`02${text.padStart(10, '0')}`)
  const runId = parseRunId(text.padStart(32, '0'))
  assert(lane !== undefined && runId !== undefined, 'numbers make identifiers')
  const secrets = {
    identityKey: `key-${text}`,
    token: `1${text.padStart(63, '0')}`,
    ticket: `2${text.padStart(63, '0')}`,
  }
  const of = 'deviceId' in on ? { deviceId: on.deviceId } : {}
  const start = newRun({ id: runId, deploymentId: id, lane, ...of, ...secrets, mayReplaceLive: true, startedAtMs })
  await startedRun(store, start)
  return runId
}

async function report(store: Store, id: RunId, ...bodies: readonly RunEventBody[]): Promise<void> {
  await store.addEvents(
    id,
    bodies.map((body, index) => event(index + 1, body)),
    startMs + 7,
  )
}

const succeeded: RunEventBody = { kind: 'sequence-ended', outcome: { kind: 'succeeded' } }
const failed: RunEventBody = {
  kind: 'sequence-ended',
  outcome: { kind: 'failed', path: [0], exitCode: 5, message: 'no disk' },
}

async function deployTo(store: Store, names: readonly string[], fields: Parameters<typeof deployment>[2] = {}) {
  const { image, sequence, lab } = await smallSite(store)
  saved(await store.addContent(image.id, [file('vmlinuz'), file('initrd.img')]))
  const devices: DeviceId[] = []
  for (const [index, name] of names.entries()) {
    const macAddresses = [mac(`52:54:00:00:01:${(index + 16).toString(16)}`)]
    devices.push(saved(await store.devices.create(device({ name, macAddresses }))).id)
  }
  const wanted = saved(await store.collections.create(collection({ name: 'Wanted', directMembers: devices })))
  const { id } = saved(await store.deployments.create(deployment(sequence.id, wanted.id, fields)))
  return { id, devices, wanted, sequence, lab }
}

const statusOf = async (store: Store, id: DeploymentId) => {
  const status = await store.deploymentStatus(id)
  assert(status !== undefined, 'there is a deployment')
  return status
}
const rowsOf = async (store: Store, id: DeploymentId) => (await store.machinesOfDeployment(id, all))?.items ?? []

test('S10-001 S10-003: each member is in one state, with its last run, message, step and exit code', async (t) => {
  const { store, reopen } = await openSqliteSite(t)
  const names = ['A', 'B', 'C', 'D', 'E', 'F']
  const { id, devices } = await deployTo(store, names, { purpose: 'required' })
  const [a, b, c, , e, f] = devices
  assert(a !== undefined && b !== undefined && c !== undefined && e !== undefined && f !== undefined, 'six devices')
  await report(store, await startOn(store, id, { deviceId: a }), succeeded)
  const step = { path: [0], name: 'Apply' }
  const ended = { kind: 'step-ended', ...step, outcome: 'failed', exitCode: 5, message: 'no disk' } as const
  await report(store, await startOn(store, id, { deviceId: b }), { kind: 'sequence-started' }, ended, failed)
  await report(store, await startOn(store, id, { deviceId: c }), { kind: 'restarting', target: 'installed-system' })
  await store.keepInventory(e, inventory({ architecture: 'arm64' }))
  await store.keepInventory(f, inventory())
  t.deepEqual(await statusOf(store, id), {
    deploymentId: id,
    taskSequenceName: 'Install Debian',
    collectionName: 'Wanted',
    devices: { success: 1, error: 1, 'in-progress': 1, unknown: 2, 'requirements-not-met': 1 },
    unknownComputers: nobody,
    formerMembers: 0,
  })
  t.deepEqual(
    (await rowsOf(await reopen(), id)).map(({ name, state, messageState, lastMessage }) =>
      [name, state, messageState, lastMessage?.messageId ?? ''].join(' '),
    ),
    [
      'A success Succeeded 11171',
      'B error Failed 11170',
      'C in-progress Reboot Pending 11142',
      'D unknown No Status ',
      'E requirements-not-met Rejected ',
      'F unknown Accepted – No further status ',
    ],
  )
})

test('S10-003: a row says what the last run did last, and pages and states narrow the rows', async (t) => {
  const { store } = await openSqliteSite(t)
  const { id, devices } = await deployTo(store, ['A', 'B', 'C'])
  const [, b] = devices
  assert(b !== undefined, 'three devices')
  const ended = {
    kind: 'step-ended',
    path: [0],
    name: 'Apply',
    outcome: 'failed',
    exitCode: 5,
    message: 'no disk',
  } as const
  const runId = await startOn(store, id, { deviceId: b })
  await report(store, runId, { kind: 'sequence-started' }, ended, failed)
  const page = await store.machinesOfDeployment(id, { state: 'error', offset: 0, limit: 5 })
  t.is(page?.total, 1)
  t.deepEqual(page?.items[0]?.lastRun, {
    runId,
    startedAtMs: startMs,
    endedAtMs: startMs + 7,
    heardAtMs: startMs + 7,
    lastStep: { number: '1', name: 'Apply', group: '', exitCode: '5' },
  })
  t.is(page?.items[0]?.deviceId, b)
  const unknown = await store.machinesOfDeployment(id, { state: 'unknown', offset: 1, limit: 5 })
  t.deepEqual([unknown?.total, unknown?.items.map(({ name }) => name)], [2, ['C']])
  t.is(await store.machinesOfDeployment(deploymentId('RVL2FFFF'), all), undefined)
  t.is(await store.deploymentStatus(deploymentId('RVL2FFFF')), undefined)
})

test('S10-001: who left the collection, or the site, is shown apart and counts nowhere', async (t) => {
  const { store } = await openSqliteSite(t)
  const { id, devices, wanted } = await deployTo(store, ['A', 'B', 'C'])
  const [a, b, c] = devices
  assert(a !== undefined && b !== undefined && c !== undefined, 'three devices')
  for (const deviceId of [a, b]) await report(store, await startOn(store, id, { deviceId }), failed)
  saved(await store.collections.replace(wanted.id, collection({ name: 'Wanted', directMembers: [b, c] }), undefined))
  const status = await statusOf(store, id)
  t.deepEqual([status.devices, status.formerMembers], [{ ...nobody, error: 1, unknown: 1 }, 1])
  saved(await store.collections.replace(wanted.id, collection({ name: 'Wanted', directMembers: [c] }), undefined))
  saved(await store.devices.remove(b, undefined))
  t.deepEqual(
    (await rowsOf(store, id)).map(({ kind, deviceId, state }) => [kind, deviceId, state]),
    [
      ['device', c, 'unknown'],
      ['former-member', a, 'error'],
      ['former-member', b, 'error'],
    ],
  )
})

test('S10-009: unknown computers are counted apart, each by the address that it runs under', async (t) => {
  const { store } = await openSqliteSite(t)
  const { sequence } = await smallSite(store)
  const { id } = saved(await store.deployments.create(deployment(sequence.id, collectionId('RVL10002'))))
  t.deepEqual((await statusOf(store, id)).unknownComputers, nobody)
  const lane = '52:54:00:00:00:99'
  await report(store, await startOn(store, id, { lane }, startMs), failed)
  await report(store, await startOn(store, id, { lane }, startMs + 1), succeeded)
  await startOn(store, id, { lane: '52:54:00:00:00:98' })
  const status = await statusOf(store, id)
  t.deepEqual([status.devices, status.unknownComputers], [nobody, { ...nobody, success: 1, 'in-progress': 1 }])
  t.deepEqual(
    (await rowsOf(store, id)).map(({ kind, macAddress, state }) => [kind, macAddress, state]),
    [
      ['unknown-computer', lane, 'success'],
      ['unknown-computer', '52:54:00:00:00:98', 'in-progress'],
    ],
  )
})

const window = (durationMinutes: number): MaintenanceWindow => ({
  name: 'Nights',
  enabled: true,
  appliesTo: 'any-deployment',
  durationMinutes,
  clock: 'utc',
  startWallMs: startMs + 60 * minute,
  recurrence: { kind: 'interval', minutes: 1_440 },
})

test('S9-016 S10-004: a client waits for its window, and one that never started for nothing else', async (t) => {
  const { store } = await openSqliteSite(t)
  const clients = { purpose: 'required', makeAvailableTo: 'clients' } as const
  const { id, devices, wanted, sequence } = await deployTo(store, ['A', 'B'], clients)
  const [a] = devices
  assert(a !== undefined, 'two devices')
  await store.keepInventory(a, inventory({ startedFrom: 'installed-system' }))
  const change = async (durationMinutes: number) =>
    saved(
      await store.collections.replace(
        wanted.id,
        collection({ name: 'Wanted', directMembers: devices, maintenanceWindows: [window(durationMinutes)] }),
        undefined,
      ),
    )
  const first = async () => (await rowsOf(store, id))[0]
  t.like(await first(), { state: 'unknown', messageState: 'Accepted – No further status' })
  await change(sequence.settings.maximumRunMinutes)
  t.like(await first(), {
    state: 'in-progress',
    messageState: 'Waiting',
    reason: 'it waits for a maintenance window, in 1 h 0 min',
    lastMessage: {
      messageId: 10_073,
      text: 'The task sequence has not started: it waits for a maintenance window, in 1 h 0 min.',
    },
  })
  await change(sequence.settings.maximumRunMinutes - 1)
  t.regex((await first())?.reason ?? '', /^no maintenance window of this device is as long as/)
  t.like((await rowsOf(store, id))[1], { name: 'B', state: 'unknown', messageState: 'No Status' })
  await startOn(store, id, { deviceId: a })
  t.like(await first(), { messageState: 'Running' })
})

test('S10-004: a deployment that is disabled or over says so of whoever has not started it', async (t) => {
  const { store, clock } = await openSqliteSite(t)
  const { id, wanted, sequence } = await deployTo(store, ['A'], {
    makeAvailableTo: 'clients',
    expiresAtMs: startMs + 9,
  })
  clock.nowMs = startMs + minute
  t.like((await rowsOf(store, id))[0], { messageState: 'Expired', reason: 'it expired 1 min ago' })
  saved(await store.deployments.replace(id, deployment(sequence.id, wanted.id, { enabled: false }), undefined))
  t.like((await rowsOf(store, id))[0], { messageState: 'No Status', reason: 'the deployment is disabled' })
})

test('of a machine the run counts that started last, however many there are, and every member is in one state', async (t) => {
  const { store } = await openSqliteSite(t)
  const names = ['A', 'B', 'C', 'D']
  const { devices, wanted, sequence } = await deployTo(store, names)
  // More than one page of them.
  const many = saved(await store.deployments.create(deployment(sequence.id, wanted.id))).id
  const [first, second] = devices
  assert(first !== undefined && second !== undefined, 'four devices')
  for (let at = 0; at < 1_010; at += 1) {
    await startOn(store, many, { deviceId: at === 1_009 ? second : first }, startMs + Math.floor(at / 3))
  }
  t.deepEqual((await statusOf(store, many)).devices, { ...nobody, 'in-progress': 2, unknown: 2 })
  const step = fc.record({
    at: fc.integer({ min: 0, max: names.length - 1 }),
    end: fc.constantFrom(undefined, succeeded, failed),
  })
  const play = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
    const { id } = saved(await store.deployments.create(deployment(sequence.id, wanted.id)))
    const last = new Map<number, keyof StateCounts>()
    for (const [index, { at, end }] of steps.entries()) {
      const deviceId = devices[at]
      assert(deviceId !== undefined, 'a device')
      const runId = await startOn(store, id, { deviceId }, startMs + index)
      if (end !== undefined) await report(store, runId, end)
      last.set(at, end === undefined ? 'in-progress' : end === succeeded ? 'success' : 'error')
    }
    const states = names.map((_, at) => last.get(at) ?? 'unknown')
    t.deepEqual(
      (await rowsOf(store, id)).map(({ state }) => state),
      states,
    )
    const counts = { ...nobody }
    for (const state of states) counts[state] += 1
    t.deepEqual((await statusOf(store, id)).devices, counts)
  })
  await fc.assert(play, { numRuns: 25 })
})
