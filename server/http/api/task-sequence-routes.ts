/** `/task-sequences`: the document and the settings around it. Every fault is listed with its path, at once. */

import { z } from 'zod'
import type { PackageId } from '../../address/identifiers.ts'
import { type ReferenceKind, referenceNouns } from '../../sequence/field.ts'
import { findReferences } from '../../sequence/mentions.ts'
import { parseSequence } from '../../sequence/parse-sequence.ts'
import type { TaskSequence } from '../../sequence/task-sequence.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import type { Store } from '../../store/ports.ts'
import { type Fault, Problem } from '../problem.ts'
import { referredObjects } from '../referred-objects.ts'
import { packageId } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import type { ApiRoute } from './route.ts'
import { keepMaskedSteps, maskSteps } from './secret-steps.ts'

/** The document has a parser of its own (sequence/parse-sequence.ts), which the agent and the editor use as well. */
const sequenceDocument = z.looseObject({}).meta({
  id: 'TaskSequenceDocument',
  description: 'name, description and children: a tree of groups and steps (server/sequence/task-sequence.ts)',
})

const taskSequenceDraft = z
  .strictObject({
    bootImageId: packageId.exactOptional(),
    enabled: z.boolean().default(true),
    sequence: sequenceDocument,
  })
  .meta({ id: 'TaskSequenceDraft' })

export const taskSequenceView = z
  .object({
    id: z.string(),
    bootImageId: z.string().optional(),
    enabled: z.boolean(),
    sequence: z.looseObject({ name: z.string(), description: z.string(), children: z.array(z.unknown()) }),
    revision: z.number().int(),
  })
  .meta({ id: 'TaskSequence' })

export function taskSequenceRoutes(store: Store): readonly ApiRoute[] {
  return objectRoutes({
    path: 'task-sequences',
    noun: 'task sequence',
    objects: store.taskSequences,
    id: packageId,
    draft: taskSequenceDraft,
    view: taskSequenceView,
    show: showTaskSequence,
    complete: async (sent, current) => {
      const { bootImageId } = sent
      const isThere = bootImageId === undefined || (await exists(store, 'boot-image', bootImageId))
      const faults = isThere ? [] : [{ path: 'bootImageId', message: `there is no boot image ${bootImageId}` }]
      return { ...sent, sequence: await completeSequence(store, { document: sent.sequence, current, faults }) }
    },
  })
}

export function showTaskSequence(object: TaskSequenceObject): TaskSequenceObject {
  return { ...object, sequence: maskSteps(object.sequence) }
}

interface SentSequence {
  readonly document: unknown
  readonly current: TaskSequenceObject | undefined
  /** Other references of the same request that are broken. */
  readonly faults?: readonly Fault[]
}

/** A document as it may be stored: valid, with the secrets it was shown without, and nothing missing that it refers to. */
export async function completeSequence(
  store: Store,
  { document, current, faults = [] }: SentSequence,
): Promise<TaskSequence> {
  const parsed = parseSequence(document)
  if (parsed.kind === 'invalid') {
    throw new Problem(422, { detail: 'The task sequence is not valid.', faults: inSequence(parsed.faults) })
  }
  const kept = keepMaskedSteps(parsed.sequence, current?.sequence)
  if (kept.faults.length > 0) {
    throw new Problem(422, {
      detail: 'Some secrets of the task sequence are not known.',
      faults: inSequence(kept.faults),
    })
  }
  const broken = [...(await brokenReferences(store, parsed.sequence)), ...faults]
  if (broken.length > 0) {
    throw new Problem(422, { detail: 'The task sequence refers to objects that are not there.', faults: broken })
  }
  return kept.sequence
}

function inSequence(faults: readonly Fault[]): readonly Fault[] {
  return faults.map(({ path, message }) => ({ path: under('sequence', path), message }))
}

/** A disabled step may wait for an object that is still to come (S1-096). */
async function brokenReferences(store: Store, sequence: TaskSequence): Promise<Fault[]> {
  const enabled = findReferences(sequence).filter(({ enabled }) => enabled)
  const faults = await Promise.all(
    enabled.map(async ({ id, kind, field }): Promise<Fault[]> => {
      const isThere = await exists(store, kind, id)
      return isThere ? [] : [{ path: under('sequence', field), message: `there is no ${referenceNouns[kind]} ${id}` }]
    }),
  )
  return faults.flat()
}

async function exists(store: Store, kind: ReferenceKind, id: PackageId): Promise<boolean> {
  if (kind === 'boot-image') return (await store.bootImages.get(id)) !== undefined
  if (kind === 'task-sequence') return (await store.taskSequences.get(id)) !== undefined
  return referredObjects[kind].exists(store, id)
}

function under(parent: string, path: string): string {
  if (path === '') return parent
  return path.startsWith('[') ? parent + path : `${parent}.${path}`
}
