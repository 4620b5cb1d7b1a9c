/** `/task-sequences`: the document and the settings around it. Every fault of both is listed with its path, at once. */

import { z } from 'zod'
import type { PackageId } from '../../address/identifiers.ts'
import { isHighImpact } from '../../sequence/high-impact.ts'
import { parseSequence } from '../../sequence/parse-sequence.ts'
import { parseSettings } from '../../sequence/parse-settings.ts'
import type { TaskSequence } from '../../sequence/task-sequence.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import { defaultSettings, type TaskSequenceSettings } from '../../sequence/task-sequence-settings.ts'
import type { Draft, Store, TaskSequences } from '../../store/ports.ts'
import { expandStored } from '../child-sequences.ts'
import type { JsonLimits } from '../json-body.ts'
import type { Principal } from '../principal.ts'
import { type Fault, Problem } from '../problem.ts'
import { brokenReferences, type KnownObjects, readKnownObjects, type Referring } from './broken-references.ts'
import { originOf } from './editor.ts'
import { listQuery, listView, packageId, pageOf, taskSequenceFolderId } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { keepMaskedSteps, maskSteps } from './secret-steps.ts'
import { taskSequenceDraft, taskSequenceView } from './task-sequence-fields.ts'

/** 20,000 groups and steps, 64 groups and 16 conditions in one another: two levels each, and those of an action. */
const documentLimits: JsonLimits = { bytesMax: 16 * 1024 * 1024, depthMax: 200, keysMax: 1_000_000 }

export function taskSequenceRoutes(store: Store): readonly ApiRoute[] {
  return objectRoutes({
    path: 'task-sequences',
    noun: 'task sequence',
    objects: store.taskSequences,
    id: packageId,
    draft: taskSequenceDraft,
    view: taskSequenceView,
    limits: documentLimits,
    show: async (object: TaskSequenceObject) => showTaskSequence(object, await readKnownObjects(store)),
    complete: async (sent, current) => completeDraft(store, sent, current),
    edits: (principal, sent) => editsOf(store, principal, sent?.comment),
    list: listRoute(store),
  })
}

export function showTaskSequence(object: TaskSequenceObject, known: KnownObjects) {
  return {
    ...object,
    name: object.sequence.name,
    sequence: maskSteps(object.sequence),
    isHighImpact: isHighImpact(object.sequence, object.settings),
    faults: brokenReferences(object, known),
  }
}

export async function refuseBroken(store: Store, referring: Referring): Promise<void> {
  const faults = brokenReferences(referring, await readKnownObjects(store))
  if (faults.length === 0) return
  throw new Problem(422, { detail: 'The task sequence refers to objects that are not there.', faults })
}

/** "Search" is over names, without regard to case. */
const taskSequenceQuery = listQuery.extend({
  folder: z
    .union([z.literal('root'), taskSequenceFolderId])
    .exactOptional()
    .meta({ description: 'The id of a folder, or root: those that stand in it, and not in folders under it' }),
  search: z.string().max(100).exactOptional().meta({ description: 'Part of a name, in any case' }),
})

function listRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/task-sequences',
    summary: 'List each task sequence',
    query: taskSequenceQuery,
    answers: { 200: listView(taskSequenceView) },
    answer: async ({ query }) => {
      const wanted = query.search?.toLowerCase() ?? ''
      const all = (await store.taskSequences.list()).filter(
        ({ folderId, sequence }) =>
          (query.folder === undefined || (folderId ?? 'root') === query.folder) &&
          sequence.name.toLowerCase().includes(wanted),
      )
      const { items, total } = pageOf(all, query)
      const known = await readKnownObjects(store)
      return { status: 200, body: { items: items.map((item) => showTaskSequence(item, known)), total } }
    },
  })
}

function editsOf(
  { taskSequences: objects, deployments }: Store,
  principal: Principal,
  comment: string | undefined,
): Pick<TaskSequences, 'create' | 'replace' | 'remove'> {
  const origin = originOf(principal, comment)
  return {
    create: (draft) => objects.create(draft, origin),
    replace: (id, draft, revision) => objects.replace(id, draft, revision, origin),
    async remove(id, revision) {
      const edit = await objects.remove(id, revision, origin)
      if (edit.kind !== 'refused') return edit
      // The reason names the first ones; a program may want them all.
      const users = (await deployments.list()).filter(({ taskSequenceId }) => taskSequenceId === id)
      const members = { deployments: users.map((deployment) => deployment.id) }
      throw new Problem(409, { detail: edit.reason, code: 'refused', members })
    },
  }
}

/** What was left out stays as it is, save the boot image: a draft without one is a task sequence without one. */
async function completeDraft(
  store: Store,
  sent: z.output<typeof taskSequenceDraft>,
  current: TaskSequenceObject | undefined,
): Promise<Draft<TaskSequenceObject>> {
  const { sequence, settings } = parseDocuments(sent, current?.settings ?? defaultSettings)
  const folderId = sent.folderId ?? current?.folderId
  const { comment: _, ...fields } = sent
  const draft = { ...fields, ...(folderId === undefined ? {} : { folderId }), settings }
  await refuseBroken(store, { ...draft, sequence })
  await refuseWrongChildren(store, sequence, current?.id)
  return { ...draft, sequence: keepSecrets(sequence, current) }
}

/** Masks that came back stand for the secrets that are stored. */
function keepSecrets(sequence: TaskSequence, current: TaskSequenceObject | undefined): TaskSequence {
  const kept = keepMaskedSteps(sequence, current?.sequence)
  if (kept.faults.length === 0) return kept.sequence
  const faults = kept.faults.map(({ path, message }) => ({ path: under('sequence', path), message }))
  throw new Problem(422, { detail: 'Some secrets of the task sequence are not known.', faults })
}

/** A document whose secrets are all there, as it may be stored: valid as a whole, and nothing missing that it refers to. */
export async function completeEdited(
  store: Store,
  current: TaskSequenceObject,
  document: TaskSequence,
): Promise<TaskSequence> {
  const { sequence } = parseDocuments({ sequence: document }, current.settings)
  await refuseBroken(store, { ...current, sequence })
  await refuseWrongChildren(store, sequence, current.id)
  return sequence
}

/** Cycles, children with a boot image, and what they bring along (S1-086). */
async function refuseWrongChildren(store: Store, sequence: TaskSequence, id: PackageId | undefined): Promise<void> {
  const expanded = await expandStored(store, { sequence, ...(id === undefined ? {} : { id }) })
  if (expanded.kind === 'expanded') return
  throw new Problem(422, {
    detail: 'The task sequence refers to objects that are not there.',
    faults: faultsUnder('sequence', { kind: 'invalid', faults: expanded.faults }),
  })
}

function parseDocuments(
  sent: { readonly sequence: unknown; readonly settings?: unknown },
  absentSettings: TaskSequenceSettings,
): { readonly sequence: TaskSequence; readonly settings: TaskSequenceSettings } {
  const sequence = parseSequence(sent.sequence)
  const settings = sent.settings === undefined ? valid(absentSettings) : parseSettings(sent.settings)
  if (sequence.kind === 'valid' && settings.kind === 'valid') {
    return { sequence: sequence.sequence, settings: settings.settings }
  }
  const faults = [...faultsUnder('sequence', sequence), ...faultsUnder('settings', settings)]
  throw new Problem(422, { detail: 'The task sequence is not valid.', faults })
}

function valid(settings: TaskSequenceSettings): { readonly kind: 'valid'; readonly settings: TaskSequenceSettings } {
  return { kind: 'valid', settings }
}

function faultsUnder(
  parent: string,
  parsed: { readonly kind: 'valid' } | { readonly kind: 'invalid'; readonly faults: readonly Fault[] },
): readonly Fault[] {
  if (parsed.kind === 'valid') return []
  return parsed.faults.map(({ path, message }) => ({ path: under(parent, path), message }))
}

function under(parent: string, path: string): string {
  if (path === '') return parent
  return path.startsWith('[') ? parent + path : `${parent}.${path}`
}
