/** `/task-sequences`: the document and the settings around it. Every fault is listed with its path, at once. */

import { z } from 'zod'
import { findReferences } from '../../sequence/references.ts'
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

const taskSequenceView = z
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
    show: (object: TaskSequenceObject) => ({ ...object, sequence: maskSteps(object.sequence) }),
    complete: async (sent, current) => {
      const parsed = parseSequence(sent.sequence)
      if (parsed.kind === 'invalid') {
        const faults = parsed.faults.map(({ path, message }) => ({ path: under('sequence', path), message }))
        throw new Problem(422, { detail: 'The task sequence is not valid.', faults })
      }
      const faults = await brokenReferences(store, parsed.sequence)
      if (sent.bootImageId !== undefined && (await store.bootImages.get(sent.bootImageId)) === undefined) {
        faults.push({ path: 'bootImageId', message: `there is no boot image ${sent.bootImageId}` })
      }
      if (faults.length > 0)
        throw new Problem(422, { detail: 'The task sequence refers to objects that are not there.', faults })
      return { ...sent, sequence: keepMaskedSteps(parsed.sequence, current?.sequence) }
    },
  })
}

/** A disabled step may wait for an image that is still to come (S1-096). */
async function brokenReferences(store: Store, sequence: TaskSequence): Promise<Fault[]> {
  const enabled = findReferences(sequence).filter(({ enabled }) => enabled)
  const faults = await Promise.all(
    enabled.map(async ({ id, kind, field }): Promise<Fault[]> => {
      const { noun, exists } = referredObjects[kind]
      return (await exists(store, id)) ? [] : [{ path: under('sequence', field), message: `there is no ${noun} ${id}` }]
    }),
  )
  return faults.flat()
}

function under(parent: string, path: string): string {
  if (path === '') return parent
  return path.startsWith('[') ? parent + path : `${parent}.${path}`
}
