/**
 * Editing inside a task sequence (S1-095 to S1-098): a list of edits as one change, search, and what step types there
 * are. An edit is written to the revision that If-Match names, so that two editors do not undo one another.
 */

import { z } from 'zod'
import { describeFields } from '../../sequence/fields.ts'
import { categories, type StepType } from '../../sequence/step-type.ts'
import { editSequence, editsMax, type SequenceEdit } from '../../sequence/edit-sequence.ts'
import { flattenNodes } from '../../sequence/progress.ts'
import { stepTypes } from '../../sequence/step-types.ts'
import { searchScopes, searchSequence } from '../../sequence/search-sequence.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import { type Editor, lockAgainst } from '../../site/edit-lock.ts'
import type { Store } from '../../store/ports.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { notFound, Problem } from '../problem.ts'
import { editedValue, lockedProblem, objectAnswer, revisionOf, staleProblem } from './edit-answer.ts'
import { packageId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { maskSteps } from './secret-steps.ts'
import { readKnownObjects } from './broken-references.ts'
import { originOf } from './editor.ts'
import { revisionComment, taskSequenceView } from './task-sequence-fields.ts'
import { completeDocument, showTaskSequence } from './task-sequence-routes.ts'

const nodePath = z
  .array(z.number().int().min(0))
  .max(100)
  .describe('Indexes from the root: [1, 0] is the first child of the second node.')
const position = z
  .union([
    z.strictObject({ after: nodePath }),
    z.strictObject({ before: nodePath }),
    z.strictObject({ into: nodePath }),
  ])
  .describe('Behind or before a node, or at the end of a group ([] is the sequence).')
const nodeDocument = z.looseObject({}).describe('A step or a group, as in a TaskSequenceDocument.')

const sequenceEdit = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('add'), node: nodeDocument, at: position }),
    z.strictObject({ kind: z.literal('replace'), path: nodePath, node: nodeDocument }),
    z.strictObject({ kind: z.literal('remove'), path: nodePath }),
    z.strictObject({ kind: z.literal('move'), path: nodePath, at: position }),
    z.strictObject({ kind: z.enum(['move-up', 'move-down']), path: nodePath }),
    z.strictObject({ kind: z.literal('copy'), path: nodePath, at: position }),
    z.strictObject({ kind: z.literal('copy-condition'), path: nodePath, to: nodePath }),
    z.strictObject({
      kind: z.literal('paste'),
      taskSequenceId: packageId.describe('The sequence to paste from.'),
      path: nodePath,
      at: position,
    }),
  ])
  .meta({ id: 'SequenceEdit' })

const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .default(false)

const searchQuery = z.object({
  text: z.string().max(255).default(''),
  scopes: z
    .string()
    .default(searchScopes.join(','))
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(searchScopes)))
    .describe(`Comma-separated: ${searchScopes.join(', ')}.`),
  nodes: z.enum(['steps', 'groups', 'both']).default('both'),
  continueOnError: flag,
  hasCondition: flag,
})

const params = z.object({ id: packageId })

export function taskSequenceEditRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  return [editRoute(dependencies), searchRoute(dependencies.store), stepTypesRoute()]
}

function editRoute({ store, now }: HttpDependencies): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/task-sequences/{id}/edits',
    summary: 'Change steps and groups of a task sequence: all edits are made, or none',
    params,
    body: z
      .strictObject({ edits: z.array(sequenceEdit).min(1).max(editsMax), comment: revisionComment })
      .meta({ id: 'SequenceEdits' }),
    answers: { 200: taskSequenceView },
    answer: async ({ request, principal, params: { id }, body }) => {
      const current = await readObject(store, id)
      const revision = revisionOf(request) ?? current.revision
      const origin = originOf(principal, body.comment)
      await requireEditable(store, current, { revision, editor: origin.editor, nowMs: now() })
      const edits = await Promise.all(body.edits.map((edit, index) => resolvePaste(store, edit, index)))
      const edited = editSequence(current.sequence, edits)
      if (edited.kind === 'invalid')
        throw new Problem(422, { detail: 'Not every edit can be made.', faults: edited.faults })
      const { id: _, revision: __, ...draft } = current
      const sequence = await completeDocument(store, current, edited.sequence)
      const saved = editedValue(await store.taskSequences.replace(id, { ...draft, sequence }, revision, origin))
      return objectAnswer(showTaskSequence(saved, await readKnownObjects(store)))
    },
  })
}

/**
 * Edits are judged in the revision they were made for: whether they fit another one says nothing. The store asks both again
 * when it saves, in the one transaction that counts.
 */
async function requireEditable(
  store: Store,
  { id, revision: stored }: TaskSequenceObject,
  { revision, editor, nowMs }: { readonly revision: number; readonly editor: Editor; readonly nowMs: number },
): Promise<void> {
  const lock = lockAgainst(await store.taskSequences.editLock(id), editor, nowMs)
  if (lock !== undefined) throw lockedProblem(lock)
  if (revision !== stored) throw staleProblem()
}

/** S1-097: between sequences a node is copied here, where its secrets are known, and not by way of the editor. */
async function resolvePaste(store: Store, edit: z.output<typeof sequenceEdit>, index: number): Promise<SequenceEdit> {
  if (edit.kind !== 'paste') return edit
  const source = await store.taskSequences.get(edit.taskSequenceId)
  const node = source === undefined ? undefined : nodeIn(source, edit.path)
  if (node !== undefined) return { kind: 'add', node, at: edit.at }
  const message = `there is no step or group at ${JSON.stringify(edit.path)} in task sequence ${edit.taskSequenceId}`
  throw new Problem(422, { detail: 'Not every edit can be made.', faults: [{ path: `edits[${index}].path`, message }] })
}

function nodeIn({ sequence }: TaskSequenceObject, path: readonly number[]): unknown {
  return flattenNodes(sequence).find((flat) => flat.path.join('.') === path.join('.'))?.node
}

function searchRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/task-sequences/{id}/search',
    summary: 'Find steps and groups of a task sequence',
    params,
    query: searchQuery,
    answers: {
      200: z
        .object({
          hits: z.array(
            z.object({
              path: z.array(z.number().int()),
              kind: z.enum(['step', 'group']),
              name: z.string(),
              found: z.array(z.enum(searchScopes)),
            }),
          ),
        })
        .meta({ id: 'SequenceSearchResult' }),
    },
    answer: async ({ params: { id }, query }) => {
      const { sequence } = await readObject(store, id)
      const { text, scopes, nodes, continueOnError: onlyContinueOnError, hasCondition: onlyWithCondition } = query
      const search = { text, scopes, nodes, onlyContinueOnError, onlyWithCondition }
      return { status: 200, body: { hits: searchSequence(maskSteps(sequence), search) } }
    },
  })
}

function stepTypesRoute(): ApiRoute {
  const description = z.looseObject({
    about: z.string(),
    form: z.looseObject({ kind: z.string() }),
    optional: z.boolean(),
  })
  return defineRoute({
    method: 'get',
    path: '/task-sequence-step-types',
    summary: 'What step types there are, with their fields, limits and action variables',
    answers: {
      200: z
        .object({
          items: z.array(
            z.object({
              type: z.string(),
              title: z.string(),
              about: z.string(),
              category: z.enum(categories),
              runsIn: z.enum(['boot-image', 'installed-system', 'both']),
              fields: z.record(z.string(), description),
              inputs: z.array(z.string()),
              outputs: z.array(z.string()),
            }),
          ),
        })
        .meta({ id: 'StepTypes' }),
    },
    answer: async () => ({ status: 200, body: { items: stepTypeViews } }),
  })
}

/** What the types are made of, without the functions. */
const stepTypeViews = Object.values(stepTypes).map(
  ({ type, title, about, category, runsIn, fields, inputs, outputs }: StepType) => ({
    type,
    title,
    about,
    category,
    runsIn,
    fields: describeFields(fields),
    inputs,
    outputs,
  }),
)

async function readObject(store: Store, id: TaskSequenceObject['id']): Promise<TaskSequenceObject> {
  const object = await store.taskSequences.get(id)
  if (object === undefined) throw notFound(`task sequence ${id}`)
  return object
}
