/**
 * Edits of task sequences: each is refused while another editor's lock stands, and makes a revision that is kept. A run carries
 * its own copy, so editing one never disturbs a run.
 */

import type { PackageId } from '../../address/identifiers.ts'
import { copyName } from '../../sequence/copy-name.ts'
import type { TaskSequenceObject } from '../../sequence/task-sequence-object.ts'
import { lockAgainst } from '../../site/edit-lock.ts'
import { foldName } from '../names.ts'
import type { Draft, Edit, EditOrigin, TaskSequenceAmendment } from '../ports.ts'
import { readEditLock } from '../rows/edit-lock-rows.ts'
import { writeRevision } from '../rows/task-sequence-revision-rows.ts'
import { readTaskSequence, writeTaskSequence } from '../rows/task-sequence-rows.ts'
import { takePackageId } from './counters.ts'
import { creating, type ObjectKind, type Removal, removing, type Replacement, replacing } from './edit-object.ts'
import { refuseInUse, refuseTakenName } from './refusals.ts'
import type { Writing } from './writing.ts'

const taskSequenceKind: ObjectKind<PackageId, TaskSequenceObject> = {
  audited: 'task-sequence',
  nameOf: ({ sequence }) => sequence.name,
  // The steps are in the revision, without the secrets that they may hold.
  auditedFields: ({ sequence, ...rest }) => ({ ...rest, name: sequence.name, sequenceRevision: rest.revision }),
  takeId: takePackageId,
  read: readTaskSequence,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  async refuseSaving(writing, object) {
    const named = { id: object.id, name: object.sequence.name }
    return (
      (await refuseTakenName(writing.tx, 'task_sequences', named)) ??
      (await refuseBootImage(writing, object)) ??
      refuseFolder(writing, object)
    )
  },
  refuseRemoving: refuseDeployed,
  write: writeTaskSequence,
  async remove(db, id) {
    await db.deleteFrom('task_sequences').where('id', '=', id).execute()
  },
}

type Saved = Edit<TaskSequenceObject>

/** Absent: the server itself edits. */
interface WithOrigin {
  readonly origin: EditOrigin | undefined
}

export interface CreateTaskSequence extends WithOrigin {
  readonly draft: Draft<TaskSequenceObject>
}

export async function createTaskSequence(writing: Writing, { draft, origin }: CreateTaskSequence): Promise<Saved> {
  return kept(writing, await creating(taskSequenceKind)(writing, draft), origin)
}

export async function replaceTaskSequence(
  writing: Writing,
  { origin, ...replacement }: Replacement<PackageId, TaskSequenceObject> & WithOrigin,
): Promise<Saved> {
  const locked = await lockedByOther(writing, replacement.id, origin)
  return locked ?? kept(writing, await replacing(taskSequenceKind)(writing, replacement), origin)
}

export async function removeTaskSequence(
  writing: Writing,
  { origin, ...removal }: Removal<PackageId> & WithOrigin,
): Promise<Saved> {
  return (await lockedByOther(writing, removal.id, origin)) ?? removing(taskSequenceKind)(writing, removal)
}

export async function amendTaskSequence(
  writing: Writing,
  { id, revision, enabled, folderId, origin }: TaskSequenceAmendment & WithOrigin,
): Promise<Saved> {
  const old = await readTaskSequence(writing.tx, id)
  if (old === undefined) return { kind: 'not-found' }
  const locked = await lockedByOther(writing, id, origin)
  if (locked !== undefined) return locked
  if (revision !== undefined && revision !== old.revision) return { kind: 'revision-mismatch', current: old }
  const folderWanted = folderId === undefined ? old.folderId : (folderId ?? undefined)
  const enabledWanted = enabled ?? old.enabled
  if (folderWanted === old.folderId && enabledWanted === old.enabled) return { kind: 'saved', value: old }
  const { folderId: _, ...rest } = old
  const draft = { ...rest, enabled: enabledWanted, ...(folderWanted === undefined ? {} : { folderId: folderWanted }) }
  return kept(writing, await replacing(taskSequenceKind)(writing, { id, draft, revision }), origin)
}

export interface CopyTaskSequence extends WithOrigin {
  readonly id: PackageId
  readonly name: string | undefined
}

/** The copy stands in the root folder (S1-099); deployments are not copied. */
export async function copyTaskSequence(writing: Writing, { id, name, origin }: CopyTaskSequence): Promise<Saved> {
  const old = await readTaskSequence(writing.tx, id)
  if (old === undefined) return { kind: 'not-found' }
  const { folderId: _, ...rest } = old
  const sequence = { ...old.sequence, name: name ?? (await freeName(writing, old.sequence.name)) }
  return createTaskSequence(writing, { draft: { ...rest, sequence }, origin })
}

async function freeName({ tx }: Writing, name: string): Promise<string> {
  const rows = await tx.selectFrom('task_sequences').select('name_folded').execute()
  const taken = new Set(rows.map((row) => row.name_folded))
  return copyName(name, (candidate) => taken.has(foldName(candidate)))
}

/** Those that do not exist are answered by the edit itself. */
async function lockedByOther(
  { tx, nowMs }: Writing,
  id: PackageId,
  origin: EditOrigin | undefined,
): Promise<Extract<Saved, { kind: 'locked' }> | undefined> {
  const lock = lockAgainst(await readEditLock(tx, id), origin?.editor, nowMs)
  return lock === undefined ? undefined : { kind: 'locked', lock }
}

async function kept({ tx, nowMs }: Writing, edit: Saved, origin: EditOrigin | undefined): Promise<Saved> {
  if (edit.kind !== 'saved') return edit
  const changedBy = origin?.editor.name
  await writeRevision(tx, { object: edit.value, changedAtMs: nowMs, changedBy, comment: origin?.comment ?? '' })
  return edit
}

/** Images of steps are not looked for here: an imported sequence may come before its images. */
async function refuseBootImage({ tx }: Writing, object: TaskSequenceObject): Promise<string | undefined> {
  if (object.bootImageId === undefined) return undefined
  const row = await tx.selectFrom('boot_images').select('id').where('id', '=', object.bootImageId).executeTakeFirst()
  return row === undefined ? `boot image ${object.bootImageId} does not exist` : undefined
}

async function refuseFolder({ tx }: Writing, { folderId }: TaskSequenceObject): Promise<string | undefined> {
  if (folderId === undefined) return undefined
  const row = await tx.selectFrom('task_sequence_folders').select('id').where('id', '=', folderId).executeTakeFirst()
  return row === undefined ? `folder ${folderId} does not exist` : undefined
}

async function refuseDeployed({ tx }: Writing, { id }: TaskSequenceObject): Promise<string | undefined> {
  const deployments = await tx
    .selectFrom('deployments')
    .select('id')
    .where('task_sequence_id', '=', id)
    .orderBy('id')
    .execute()
  const parents = await tx
    .selectFrom('task_sequence_references')
    .innerJoin('task_sequences', 'task_sequences.id', 'task_sequence_references.task_sequence_id')
    .select(['task_sequences.id', 'task_sequences.name'])
    .where('task_sequence_references.package_id', '=', id)
    .where('task_sequences.id', '!=', id)
    .orderBy('task_sequences.id')
    .execute()
  return (
    refuseInUse(
      'deployment',
      deployments.map((one) => one.id),
    ) ??
    refuseInUse(
      'task sequence',
      parents.map((parent) => `${parent.name} (${parent.id})`),
    )
  )
}
