/** Task sequences as exports carry them: without secrets (S11-003), and without the folder, which is the site's own. */

import type { PackageId } from '../../../address/identifiers.ts'
import { leaveSecretsOut, type SecretLeftOut } from '../../../sequence/leave-secrets-out.ts'
import { findReferences } from '../../../sequence/mentions.ts'
import { parseSequence } from '../../../sequence/parse-sequence.ts'
import { parseSettings } from '../../../sequence/parse-settings.ts'
import { type Rewrite, rewriteReferences } from '../../../sequence/rewrite-references.ts'
import type { TaskSequenceObject } from '../../../sequence/task-sequence-object.ts'
import type { Draft, EditOrigin, Edit, TaskSequences } from '../../../store/ports.ts'
import type { Fault } from '../../problem.ts'
import { faultsOf } from '../route.ts'
import { taskSequenceDraft } from '../task-sequence-fields.ts'
import type { Exported, Kept, Need } from './exchange-kinds.ts'

export interface ExportedSequence extends Kept, Exported {
  readonly typeAgain: readonly SecretLeftOut[]
}

export function exportSequence({ id, bootImageId, enabled, settings, sequence }: TaskSequenceObject): ExportedSequence {
  const { sequence: kept, typeAgain } = leaveSecretsOut(sequence)
  const draft = { ...(bootImageId === undefined ? {} : { bootImageId }), enabled, settings, sequence: kept }
  return { id, name: sequence.name, draft, files: [], needs: sequenceNeeds(draft), typeAgain }
}

type SequenceDraft = Draft<TaskSequenceObject>

function sequenceNeeds({ bootImageId, settings, sequence }: SequenceDraft): readonly Need[] {
  const first = settings.runFirst?.packageId
  const ofDraft: readonly Need[] = [
    ...(bootImageId === undefined
      ? []
      : [{ kind: 'boot-image', id: bootImageId, path: 'bootImageId', needed: true } as const]),
    ...(first === undefined ? [] : [{ kind: 'package', id: first, path: 'settings.runFirst', needed: true } as const]),
  ]
  const ofSteps = findReferences(sequence).map(
    ({ kind, id, field, enabled }): Need => ({ kind, id, path: `sequence.${field}`, needed: enabled }),
  )
  return [...ofDraft, ...ofSteps]
}

export interface PreparedSequence {
  readonly name: string
  readonly needs: readonly Need[]
  readonly draft: SequenceDraft
}

export type PreparingSequence =
  | { readonly kind: 'prepared'; readonly prepared: PreparedSequence }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }

const exportedDraft = taskSequenceDraft.pick({ bootImageId: true, enabled: true, settings: true, sequence: true })

export function prepareSequence(sent: unknown): PreparingSequence {
  const parsed = exportedDraft.safeParse(sent)
  if (!parsed.success) return { kind: 'invalid', faults: faultsOf(parsed.error) }
  const { bootImageId, enabled } = parsed.data
  const sequence = parseSequence(parsed.data.sequence)
  const settings = parseSettings(parsed.data.settings ?? {})
  if (sequence.kind === 'invalid' || settings.kind === 'invalid') {
    const of = (where: string, faults: readonly Fault[]): readonly Fault[] =>
      faults.map(({ path, message }) => ({ path: `${where}.${path}`, message }))
    const faults = [
      ...(sequence.kind === 'invalid' ? of('sequence', sequence.faults) : []),
      ...(settings.kind === 'invalid' ? of('settings', settings.faults) : []),
    ]
    return { kind: 'invalid', faults }
  }
  const draft = {
    enabled,
    sequence: sequence.sequence,
    settings: settings.settings,
    ...(bootImageId === undefined ? {} : { bootImageId }),
  }
  return { kind: 'prepared', prepared: { name: draft.sequence.name, needs: sequenceNeeds(draft), draft } }
}

interface SavedAs {
  readonly name: string
  /** Present: that one is overwritten, and stays in its folder. */
  readonly existing: PackageId | undefined
  readonly rewrite: Rewrite
  readonly origin: EditOrigin
}

export async function saveSequence(
  objects: TaskSequences,
  { draft }: PreparedSequence,
  { name, existing, rewrite, origin }: SavedAs,
): Promise<Edit<TaskSequenceObject>> {
  const { bootImageId, settings } = draft
  const { runFirst } = settings
  const rewritten = {
    ...draft,
    sequence: { ...rewriteReferences(draft.sequence, rewrite), name },
    settings:
      runFirst === undefined
        ? settings
        : { ...settings, runFirst: { ...runFirst, packageId: rewrite('package', runFirst.packageId) } },
    ...(bootImageId === undefined ? {} : { bootImageId: rewrite('boot-image', bootImageId) }),
  }
  if (existing === undefined) return objects.create(rewritten, origin)
  const folderId = (await objects.get(existing))?.folderId
  return objects.replace(existing, folderId === undefined ? rewritten : { ...rewritten, folderId }, undefined, origin)
}
