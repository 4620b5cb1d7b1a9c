/**
 * Task sequences as the XML of the source system, out and in (S11). What one form cannot say of the other is listed; secrets
 * stay at home (S11-003). An imported sequence may refer to what the site does not have yet: it is kept with these references
 * marked as broken, and cannot be deployed until they are put right.
 */

import { z } from 'zod'
import { sequenceNameCharactersMax } from '../../sequence/parse-sequence.ts'
import { defaultSettings } from '../../sequence/task-sequence-settings.ts'
import type { Note, TypeAgain } from '../../sequence/xml/note.ts'
import { printSequence } from '../../sequence/xml/print-sequence.ts'
import { printXml } from '../../sequence/xml/print-xml.ts'
import { readSequence } from '../../sequence/xml/read-sequence.ts'
import type { Store } from '../../store/ports.ts'
import { readBody } from '../json-body.ts'
import { parseXml, xmlBytesMax } from '../parse-xml.ts'
import { notFound, Problem } from '../problem.ts'
import { brokenReferences, readKnownObjects } from './broken-references.ts'
import { editedValue } from './edit-answer.ts'
import { originOf } from './editor.ts'
import { label, packageId, taskSequenceFolderId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { revisionComment } from './task-sequence-fields.ts'
import { requireMedia } from './upload.ts'

export function taskSequenceXmlRoutes(store: Store): readonly ApiRoute[] {
  return [exportRoute(store), importRoute(store)]
}

function exportRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/task-sequences/{id}/xml',
    summary:
      'Export a task sequence as the XML of the source system, without secrets; a comment in it says what is missing',
    params: z.object({ id: packageId }),
    answers: { 200: 'application/xml' },
    answer: async ({ params: { id } }) => {
      const object = await store.taskSequences.get(id)
      if (object === undefined) throw notFound(`task sequence ${id}`)
      const { root, notes, typeAgain } = printSequence(object.sequence)
      const xml = printXml(root, commentOf(notes, typeAgain))
      const octets = (async function* () {
        yield Buffer.from(xml)
      })()
      return { status: 200, stream: { type: 'application/xml', octets } }
    },
  })
}

function commentOf(notes: readonly Note[], typeAgain: readonly TypeAgain[]): string | undefined {
  const lines = [
    ...typeAgain.map(({ path, stepName }) => `Left out because it is secret: ${path} (${stepName})`),
    ...notes.map(({ path, message }) => `${path}: ${message}`),
  ]
  return lines.length === 0 ? undefined : lines.join('\n')
}

const noteView = z.object({ path: z.string(), message: z.string() })

export const typeAgainView = z
  .object({ path: z.string(), stepName: z.string() })
  .meta({ id: 'SecretToTypeAgain', description: 'A secret that is in no export (S11-003)' })

const importedView = z
  .object({
    id: z.string().optional().meta({ description: 'Absent: only a preview' }),
    name: z.string(),
    sequence: z.looseObject({}).optional().meta({ description: 'Of a preview: what would be created' }),
    notes: z.array(noteView).meta({ description: 'What has no counterpart, and what became of it' }),
    typeAgain: z.array(typeAgainView),
    faults: z.array(noteView).meta({ description: 'References to what the site does not have' }),
  })
  .meta({ id: 'ImportedTaskSequenceXml' })

const importQuery = z.strictObject({
  name: label(sequenceNameCharactersMax)
    .min(1)
    .exactOptional()
    .meta({ description: 'The XML does not always say one' }),
  bootImageId: packageId.exactOptional(),
  folderId: taskSequenceFolderId.exactOptional(),
  comment: revisionComment,
  preview: z.enum(['true', 'false']).default('false').meta({ description: 'true: nothing is created' }),
})

function importRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/task-sequences/import-xml',
    summary: 'Create a task sequence from the XML of the source system, or say what would become of it',
    query: importQuery,
    octets: true,
    answers: { 200: importedView, 201: importedView },
    answer: async ({ request, principal, query: { name, bootImageId, folderId, comment, preview } }) => {
      requireMedia(request, ['application/xml', 'text/xml', 'application/octet-stream'])
      const read = readSequence(parseXml(await readBody(request, xmlBytesMax)), name)
      if (read.kind === 'invalid') {
        throw new Problem(422, { detail: 'The XML does not become a task sequence.', faults: read.faults })
      }
      const { sequence, notes, typeAgain } = read
      const draft = {
        enabled: true,
        settings: defaultSettings,
        sequence,
        ...(bootImageId === undefined ? {} : { bootImageId }),
        ...(folderId === undefined ? {} : { folderId }),
      }
      const faults = brokenReferences(draft, await readKnownObjects(store))
      const answer = { name: sequence.name, notes, typeAgain, faults }
      if (preview === 'true') return { status: 200, body: { ...answer, sequence } }
      const origin = originOf(principal, comment ?? 'Imported from XML')
      const { id } = editedValue(await store.taskSequences.create(draft, origin))
      return { status: 201, body: { id, ...answer }, headers: { location: `/api/v1/task-sequences/${id}` } }
    },
  })
}
