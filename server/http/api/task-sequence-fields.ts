/** Task sequences as the API takes and shows them, as schemas. Documents have parsers of their own in sequence/. */

import { z } from 'zod'
import { clientArchitectures } from '../../address/client-platform.ts'
import { revisionCommentCharactersMax } from '../../sequence/task-sequence-object.ts'
import { label, packageId, taskSequenceFolderId } from './fields.ts'

/** The document has a parser of its own (sequence/parse-sequence.ts), which the agent and the editor use as well. */
const sequenceDocument = z.looseObject({}).meta({
  id: 'TaskSequenceDocument',
  description: 'name, description and children: a tree of groups and steps (server/sequence/task-sequence.ts)',
})

const settingsDocument = z.looseObject({}).meta({
  id: 'TaskSequenceSettingsDocument',
  description:
    'TaskSequenceSettings, of which everything may be left out (server/sequence/task-sequence-settings.ts). Absent: the defaults, or what a task sequence has already.',
})

export const revisionComment = label(revisionCommentCharactersMax).exactOptional().meta({
  description: 'Why; the revision keeps it',
})

export const taskSequenceDraft = z
  .strictObject({
    bootImageId: packageId.exactOptional(),
    enabled: z.boolean().default(true),
    folderId: taskSequenceFolderId.exactOptional().meta({ description: 'Absent: it stays where it is; new: the root' }),
    settings: settingsDocument.exactOptional(),
    sequence: sequenceDocument,
    comment: revisionComment,
  })
  .meta({ id: 'TaskSequenceDraft' })

const settingsView = z
  .object({
    softwareCenter: z.object({
      restartRequired: z.boolean(),
      downloadMegabytes: z.number().int().optional(),
      estimatedRunMinutes: z.number().int().optional(),
    }),
    runFirst: z.object({ packageId: z.string(), programName: z.string() }).optional(),
    maximumRunMinutes: z.number().int(),
    platforms: z
      .array(
        z.object({
          architecture: z.enum(clientArchitectures),
          operatingSystem: z.object({ name: z.string(), version: z.string().optional() }).optional(),
        }),
      )
      .optional(),
    highImpact: z.boolean(),
    customNotification: z
      .object({ headline: z.string(), message: z.string(), emphasis: z.string(), closing: z.string() })
      .optional(),
    suppressNotifications: z.boolean(),
    highPerformancePowerPlan: z.boolean(),
  })
  .meta({ id: 'TaskSequenceSettings' })

export const taskSequenceView = z
  .object({
    id: z.string(),
    name: z.string(),
    bootImageId: z.string().optional(),
    enabled: z.boolean(),
    folderId: z.string().optional(),
    settings: settingsView,
    sequence: z.looseObject({ name: z.string(), description: z.string(), children: z.array(z.unknown()) }),
    revision: z.number().int(),
    isHighImpact: z
      .boolean()
      .meta({ description: 'Its settings say so, or its own steps deploy a system; children not counted' }),
    faults: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .meta({ description: 'References to what is not there; while there is one it cannot be deployed' }),
  })
  .meta({ id: 'TaskSequence' })

export const revisionView = z
  .object({
    revision: z.number().int(),
    changedAtMs: z.number().optional(),
    changedBy: z.string().optional(),
    comment: z.string(),
  })
  .meta({ id: 'TaskSequenceRevision' })

export const keptRevisionView = revisionView.extend({ object: taskSequenceView }).meta({ id: 'TaskSequenceOfRevision' })
