/** What every store must do around the document of a task sequence: settings, revisions, edit locks, folders, copies, run times. */

import test from 'ava'
import { assert } from '../../server/assert.ts'
import { revisionsKeptMax } from '../../server/sequence/task-sequence-object.ts'
import { editLockMs } from '../../server/site/edit-lock.ts'
import type { Store } from '../../server/store/ports.ts'
import { type OpenSite, startMs } from './open-test-store.ts'
import {
  applyImage,
  deployment,
  events,
  group,
  mac,
  newRun,
  operatingSystemImage,
  packageId,
  runId,
  saved,
  smallSite,
  startedRun,
  taskSequence,
} from './site-builders.ts'

const anna = { key: 'page-session:anna', name: 'anna' }
const ben = { key: 'page-session:ben', name: 'ben' }
const minute = 60_000

export function taskSequenceSuite(open: OpenSite): void {
  revisionTests(open)
  lockTests(open)
  actionTests(open)
  folderTests(open)
  runTimeTests(open)
}

function revisionTests(open: OpenSite): void {
  test('S1-075, S1-079, S1-083: settings come back as they were given, after a restart too', async (t) => {
    const { store, reopen } = await open(t)
    const settings = {
      softwareCenter: { restartRequired: true, downloadMegabytes: 7 },
      runFirst: { packageId: packageId('RVL00077'), programName: 'Check' },
      maximumRunMinutes: 0,
      platforms: [{ architecture: 'x64', operatingSystem: { name: 'debian' } }],
      highImpact: true,
      customNotification: { headline: 'süß', message: 'b', emphasis: 'c', closing: 'd' },
      suppressNotifications: true,
      highPerformancePowerPlan: true,
    } as const
    const made = saved(await store.taskSequences.create(taskSequence({ settings })))
    t.deepEqual((await (await reopen()).taskSequences.get(made.id))?.settings, settings)
  })

  test('each edit makes a revision that says who, when and why, and that no later edit changes', async (t) => {
    const { store, clock, reopen } = await open(t)
    const first = saved(await store.taskSequences.create(taskSequence(), { editor: anna }))
    clock.nowMs += 5
    const edit = taskSequence({ name: 'Renamed' })
    saved(await store.taskSequences.replace(first.id, edit, 1, { editor: ben, comment: 'a better name' }))
    saved(await store.taskSequences.amend({ id: first.id, revision: undefined, enabled: false }))
    const stale = await store.taskSequences.replace(first.id, edit, 1, { editor: anna })
    t.is(stale.kind, 'revision-mismatch')
    const again = await reopen()
    t.deepEqual(await again.taskSequences.revisions(first.id), [
      { revision: 3, changedAtMs: startMs + 5, comment: '' },
      { revision: 2, changedAtMs: startMs + 5, changedBy: 'ben', comment: 'a better name' },
      { revision: 1, changedAtMs: startMs, changedBy: 'anna', comment: '' },
    ])
    t.deepEqual((await again.taskSequences.revision(first.id, 1))?.object, first)
    t.like((await again.taskSequences.revision(first.id, 2))?.object, { enabled: true, revision: 2 })
    t.deepEqual((await again.taskSequences.revision(first.id, 3))?.object, await again.taskSequences.get(first.id))
    t.is(await again.taskSequences.revision(first.id, 4), undefined)
    t.is(await again.taskSequences.revision(packageId('RVL0FFFF'), 1), undefined)
  })

  test('the newest hundred revisions are kept, and those that runs were started with', async (t) => {
    const { store } = await open(t)
    const { id } = saved(await store.taskSequences.create(taskSequence()))
    const edits = revisionsKeptMax + 4
    const flip = async (index: number) =>
      store.taskSequences.amend({ id, revision: undefined, enabled: index % 2 === 1 })
    saved(await flip(0))
    await startedRun(store, runOf(newRun(), id, 2))
    await Promise.all(Array.from({ length: edits }, async (_, index) => flip(index + 1)))
    const newest = edits + 2
    const kept = (await store.taskSequences.revisions(id)).map(({ revision }) => revision)
    t.deepEqual(kept, [...Array.from({ length: revisionsKeptMax }, (_, index) => newest - index), 2])
  })

  test('a removed task sequence takes its revisions along, and its runs keep what they were given', async (t) => {
    const { store } = await open(t)
    const { id } = saved(await store.taskSequences.create(taskSequence()))
    const run = await startedRun(store, runOf(newRun(), id, 1))
    saved(await store.taskSequences.remove(id, undefined))
    t.deepEqual(await store.taskSequences.revisions(id), [])
    t.deepEqual((await store.getRun(run.id))?.policy, run.policy)
  })

  test('a running copy never changes, whatever is done to its task sequence', async (t) => {
    const { store, reopen } = await open(t)
    const { id } = saved(await store.taskSequences.create(taskSequence()))
    const run = await startedRun(store, runOf(newRun(), id, 1))
    const before = await store.getRun(run.id)
    saved(await store.taskSequences.replace(id, taskSequence({ name: 'Other', children: [group([])] }), 1))
    saved(await store.taskSequences.amend({ id, revision: undefined, enabled: false }))
    t.deepEqual(await store.getRun(run.id), before)
    t.deepEqual(await (await reopen()).getRun(run.id), before)
  })
}

function lockTests(open: OpenSite): void {
  test('S1-095: while a lock stands every edit of another editor is refused with who has it, also after a restart', async (t) => {
    const { store, clock, reopen } = await open(t)
    const { id } = saved(await store.taskSequences.create(taskSequence()))
    const lock = { holder: anna, tokenSha256: 'first', takenAtMs: startMs, expiresAtMs: startMs + editLockMs }
    t.deepEqual(await take(store, id, anna, 'first'), { kind: 'taken', lock })
    const again = await reopen()
    t.deepEqual(await again.taskSequences.editLock(id), lock)
    const locked = { kind: 'locked', lock } as const
    const origin = { editor: ben }
    t.deepEqual(await again.taskSequences.replace(id, taskSequence(), undefined, origin), locked)
    t.deepEqual(await again.taskSequences.replace(id, taskSequence(), undefined), locked, 'the server itself')
    t.deepEqual(await again.taskSequences.amend({ id, revision: undefined, enabled: false }, origin), locked)
    t.deepEqual(await again.taskSequences.amend({ id, revision: undefined, folderId: null }, origin), locked)
    t.deepEqual(await again.taskSequences.remove(id, undefined, origin), locked)
    t.is((await again.taskSequences.copy(id, undefined, origin)).kind, 'saved', 'a copy changes nothing')
    t.is((await again.taskSequences.revisions(id)).length, 1)
    saved(await again.taskSequences.replace(id, taskSequence({ name: 'Mine' }), 1, { editor: anna }))
    clock.nowMs = lock.expiresAtMs
    saved(await again.taskSequences.replace(id, taskSequence({ name: 'Bens' }), 2, origin))
  })

  test('S1-095: a lock is renewed with its token, discarded by its user, and taken by others when it is over', async (t) => {
    const { store, clock } = await open(t)
    const { id } = saved(await store.taskSequences.create(taskSequence()))
    await take(store, id, anna, 'first')
    clock.nowMs += minute
    const renewed = await store.taskSequences.takeEditLock(id, {
      editor: anna,
      heldTokenSha256: 'first',
      newTokenSha256: 'unused',
      nowMs: clock.nowMs,
    })
    t.like(renewed, { kind: 'renewed', lock: { tokenSha256: 'first', expiresAtMs: clock.nowMs + editLockMs } })
    t.is((await take(store, id, ben, 'second', clock.nowMs)).kind, 'held')
    t.is((await store.taskSequences.discardEditLock(id, ben))?.tokenSha256, 'first')
    t.is(await store.taskSequences.discardEditLock(id, anna), undefined)
    t.is(await store.taskSequences.editLock(id), undefined)
    t.is((await take(store, id, ben, 'second', clock.nowMs)).kind, 'taken')
    t.is((await take(store, id, anna, 'third', clock.nowMs + editLockMs)).kind, 'taken')
    t.deepEqual(await take(store, packageId('RVL0FFFF'), anna, 'x'), { kind: 'not-found' })
    saved(await store.taskSequences.remove(id, undefined, { editor: anna }))
    t.is(await store.taskSequences.editLock(id), undefined)
  })

  test('S1-095: two editors who ask at once do not both get it', async (t) => {
    const { store } = await open(t)
    const { id } = saved(await store.taskSequences.create(taskSequence()))
    const answers = await Promise.all([take(store, id, anna, 'a'), take(store, id, ben, 'b')])
    t.deepEqual(answers.map(({ kind }) => kind).sort(), ['held', 'taken'])
  })
}

async function take(
  store: Store,
  id: ReturnType<typeof packageId>,
  editor: typeof anna,
  token: string,
  nowMs = startMs,
) {
  return store.taskSequences.takeEditLock(id, { editor, newTokenSha256: token, nowMs })
}

function actionTests(open: OpenSite): void {
  test('S1-099: a copy has everything but deployments, under a name of its own, in the root folder', async (t) => {
    const { store } = await open(t)
    const { sequence, lab } = await smallSite(store)
    const folder = saved(await store.taskSequenceFolders.create({ name: 'Lab' }))
    saved(
      await store.taskSequences.amend({ id: sequence.id, revision: undefined, folderId: folder.id, enabled: false }),
    )
    saved(await store.deployments.create(deployment(sequence.id, lab.id)))
    const copy = saved(await store.taskSequences.copy(sequence.id))
    t.deepEqual(copy, {
      ...sequence,
      id: copy.id,
      enabled: false,
      revision: 1,
      sequence: { ...sequence.sequence, name: 'Install Debian - Copy' },
    })
    t.is(saved(await store.taskSequences.copy(sequence.id)).sequence.name, 'Install Debian - Copy 2')
    t.is(saved(await store.taskSequences.copy(sequence.id, 'Named')).sequence.name, 'Named')
    t.is((await store.taskSequences.copy(sequence.id, 'named')).kind, 'refused')
    t.is((await store.taskSequences.copy(packageId('RVL0FFFF'))).kind, 'not-found')
    saved(await store.taskSequences.remove(copy.id, undefined))
  })

  test('S1-077: what is as wanted already makes no revision', async (t) => {
    const { store } = await open(t)
    const { id } = saved(await store.taskSequences.create(taskSequence()))
    t.is(saved(await store.taskSequences.amend({ id, revision: 1, enabled: true, folderId: null })).revision, 1)
    t.is(saved(await store.taskSequences.amend({ id, revision: 1, enabled: false })).revision, 2)
    t.is((await store.taskSequences.amend({ id, revision: 1, enabled: true })).kind, 'revision-mismatch')
    const stranger = { id: packageId('RVL0FFFF'), revision: undefined, enabled: true }
    t.deepEqual(await store.taskSequences.amend(stranger), { kind: 'not-found' })
  })

  test('a package that a program is run first from is in use, like those of the steps', async (t) => {
    const { store } = await open(t)
    const image = saved(await store.operatingSystemImages.create(operatingSystemImage()))
    const other = saved(await store.operatingSystemImages.create(operatingSystemImage({ name: 'Other' })))
    const settings = { runFirst: { packageId: other.id, programName: 'Setup' } }
    saved(await store.taskSequences.create(taskSequence({ settings, children: [group([applyImage(image.id)])] })))
    t.is((await store.operatingSystemImages.remove(image.id, undefined)).kind, 'refused')
    t.is((await store.operatingSystemImages.remove(other.id, undefined)).kind, 'refused')
  })
}

function folderTests(open: OpenSite): void {
  test('S1-099: folders are made, renamed and moved; one that holds something is not removed', async (t) => {
    const { store, reopen } = await open(t)
    const folders = store.taskSequenceFolders
    const lab = saved(await folders.create({ name: 'Lab' }))
    const inner = saved(await folders.create({ name: 'Inner', parentId: lab.id }))
    t.regex(reasonOf(await folders.create({ name: 'LAB' })), /taken by folder/)
    t.is((await folders.create({ name: 'Lab', parentId: inner.id })).kind, 'saved', 'elsewhere a name is free')
    t.regex(reasonOf(await folders.replace(lab.id, { name: 'Round', parentId: inner.id }, undefined)), /into itself/)
    t.regex(reasonOf(await folders.create({ name: ' ' })), /empty/)
    const sequence = saved(await store.taskSequences.create(taskSequence({ folderId: inner.id })))
    t.regex(reasonOf(await folders.remove(lab.id, undefined)), /folder Inner .* is in it/)
    const moved = saved(await folders.replace(inner.id, { name: 'Top' }, inner.revision))
    t.deepEqual(moved, { id: inner.id, name: 'Top', revision: 2 })
    const [below] = (await folders.list()).filter(({ parentId }) => parentId === inner.id)
    assert(below !== undefined, 'the folder below went along')
    saved(await folders.remove(below.id, undefined))
    t.regex(reasonOf(await folders.remove(inner.id, undefined)), /task sequence Install Debian .* is in it/)
    saved(await store.taskSequences.amend({ id: sequence.id, revision: undefined, folderId: lab.id }))
    saved(await folders.remove(inner.id, undefined))
    const again = await reopen()
    t.deepEqual(await again.taskSequenceFolders.list(), [lab])
    t.is((await again.taskSequences.get(sequence.id))?.folderId, lab.id)
    const nowhere = { id: sequence.id, revision: undefined, folderId: inner.id }
    t.regex(reasonOf(await again.taskSequences.amend(nowhere)), /folder .* does not exist/)
  })
}

function runTimeTests(open: OpenSite): void {
  test('S1-078: a run over its time is stopped, and its agent and lane are told', async (t) => {
    const { store } = await open(t)
    const run = await startedRun(store, withRunTime('stop'))
    const nothing = { stopped: [], noLongerMonitored: [] }
    t.deepEqual(await store.endOverdueRuns(startMs + 120 * minute - 1), nothing)
    t.deepEqual(await store.endOverdueRuns(startMs + 120 * minute), { ...nothing, stopped: [run.id] })
    t.like(await store.getRun(run.id), { state: 'abandoned', endedAtMs: startMs + 120 * minute })
    const [shown] = (await store.lanes()).lanes
    t.like(shown?.lane, { stage: 'done', condition: 'failed' })
    t.regex(shown?.lane.text ?? '', /ran longer than the 120 minutes it is allowed/)
    t.is(await store.useRunToken(newRun().runTokenSha256, 1, startMs + 121 * minute), 'run-ended')
    t.deepEqual(await store.endOverdueRuns(startMs + 500 * minute), nothing)
  })

  test('S1-078, S9-017: of a run that waits for a window, the time before it is none that it was allowed', async (t) => {
    const { store } = await open(t)
    const start = withRunTime('stop')
    const startsAtMs = startMs + 60 * minute
    const policy = { ...start.run.policy, restartWindows: [{ startsAtMs, endsAtMs: startsAtMs + 60 * minute }] }
    await startedRun(store, { ...start, run: { ...start.run, policy } })
    await store.endOverdueRuns(startMs + 120 * minute)
    t.regex((await store.lanes()).lanes[0]?.lane.text ?? '', /ran longer than the 60 minutes it is allowed/)
  })

  test('S1-078: a run that is no longer monitored goes on and ends as it does, and its lane says so once', async (t) => {
    const { store, reopen } = await open(t)
    const run = await startedRun(store, withRunTime('end-monitoring'))
    const atMs = startMs + 120 * minute
    t.deepEqual((await store.endOverdueRuns(atMs)).noLongerMonitored, [run.id])
    t.like(await store.getRun(run.id), { state: 'running', monitoringEndedAtMs: atMs })
    const [shown] = (await store.lanes()).lanes
    t.is(shown?.lane.condition, 'moving')
    t.regex(shown?.lane.lines.at(-1) ?? '', /longer than the 120 minutes/)
    const again = await reopen()
    t.deepEqual((await again.endOverdueRuns(atMs + minute)).noLongerMonitored, [])
    t.deepEqual(await again.addEvents(run.id, events(1, 2), atMs), { acknowledged: 2 })
  })

  test('S1-078: a run that has ended, or whose time nobody settled, is left alone', async (t) => {
    const { store } = await open(t)
    await startedRun(store, newRun({ lane: mac('52:54:00:00:00:02'), id: runId('d'), token: 'd', ticket: 'd' }))
    const ended = await startedRun(store, withRunTime('stop'))
    const body = { kind: 'sequence-ended', outcome: { kind: 'succeeded' } } as const
    await store.addEvents(ended.id, [{ sequence: 1, atMs: startMs, body }], startMs)
    t.deepEqual(await store.endOverdueRuns(startMs + 999 * minute), { stopped: [], noLongerMonitored: [] })
  })

  test('a later run of the machine is not touched by the end of an earlier one', async (t) => {
    const { store } = await open(t)
    const first = withRunTime('end-monitoring')
    await startedRun(store, first)
    const second = await startedRun(
      store,
      newRun({ id: runId('e'), identityKey: 'key-2', token: 'e', ticket: 'e', mayReplaceLive: true }),
    )
    t.deepEqual((await store.endOverdueRuns(startMs + 999 * minute)).noLongerMonitored, [])
    t.is((await store.lanes()).lanes[0]?.lane.run?.runId, second.id)
  })
}

function withRunTime(whenUp: 'stop' | 'end-monitoring') {
  const start = newRun()
  return {
    ...start,
    idleMs: 480 * minute,
    run: { ...start.run, runTime: { endsAtMs: startMs + 120 * minute, whenUp } },
  }
}

function runOf(start: ReturnType<typeof newRun>, id: ReturnType<typeof packageId>, revision: number) {
  const policy = { ...start.run.policy, taskSequenceId: id, taskSequenceRevision: revision }
  return { ...start, run: { ...start.run, policy } }
}

function reasonOf(edit: { readonly kind: string; readonly reason?: string }): string {
  return edit.reason ?? edit.kind
}
