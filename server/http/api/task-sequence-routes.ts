/** `/task-sequences`: the document and the settings around it. Every fault is listed with its path, at once. */

import { z } from 'zod'
import type { PackageId } from '../../address/identifiers.ts'
import { type ReferenceKind, referenceNouns } from '../../sequence/field.ts'
import { findReferences } from '../../sequence/mentions.ts'
import { parseSequence } from '../../sequence/parse-sequence.ts'
import type { TaskSequence } from '../../sequence/task-sequence.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import type { Store } from '../../store/ports.ts'
import { expandStored } from '../child-sequences.ts'
import type { JsonLimits } from '../json-body.ts'
import { type Fault, Problem } from '../problem.ts'
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

const taskSequenceView = z
  .object({
    id: z.string(),
    bootImageId: z.string().optional(),
    enabled: z.boolean(),
    sequence: z.looseObject({ name: z.string(), description: z.string(), children: z.array(z.unknown()) }),
    revision: z.number().int(),
  })
  .meta({ id: 'TaskSequence' })

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
    show: (object: TaskSequenceObject) => ({ ...object, sequence: maskSteps(object.sequence) }),
    complete: async (sent, current) => {
      const parsed = parseSequence(sent.sequence)
      if (parsed.kind === 'invalid') {
        const faults = parsed.faults.map(({ path, message }) => ({ path: under('sequence', path), message }))
        throw new Problem(422, { detail: 'The task sequence is not valid.', faults })
      }
      const kept = keepMaskedSteps(parsed.sequence, current?.sequence)
      if (kept.faults.length > 0) {
        const faults = kept.faults.map(({ path, message }) => ({ path: under('sequence', path), message }))
        throw new Problem(422, { detail: 'Some secrets of the task sequence are not known.', faults })
      }
      const faults = await brokenReferences(store, parsed.sequence)
      if (faults.length === 0) faults.push(...(await wrongChildren(store, parsed.sequence, current?.id)))
      if (sent.bootImageId !== undefined && (await store.bootImages.get(sent.bootImageId)) === undefined) {
        faults.push({ path: 'bootImageId', message: `there is no boot image ${sent.bootImageId}` })
      }
      if (faults.length > 0)
        throw new Problem(422, { detail: 'The task sequence refers to objects that are not there.', faults })
      return { ...sent, sequence: kept.sequence }
    },
  })
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

/** Cycles, children with a boot image, and what they bring along (S1-086). */
async function wrongChildren(store: Store, sequence: TaskSequence, id: PackageId | undefined): Promise<Fault[]> {
  const expanded = await expandStored(store, { sequence, ...(id === undefined ? {} : { id }) })
  if (expanded.kind === 'expanded') return []
  return expanded.faults.map(({ path, message }) => ({ path: under('sequence', path), message }))
}

async function exists(store: Store, kind: ReferenceKind, id: PackageId): Promise<boolean> {
  switch (kind) {
    case 'operating-system-image':
      return (await store.operatingSystemImages.get(id)) !== undefined
    case 'boot-image':
      return (await store.bootImages.get(id)) !== undefined
    case 'task-sequence':
      return (await store.taskSequences.get(id)) !== undefined
    default:
      return false
  }
}

function under(parent: string, path: string): string {
  if (path === '') return parent
  return path.startsWith('[') ? parent + path : `${parent}.${path}`
}
