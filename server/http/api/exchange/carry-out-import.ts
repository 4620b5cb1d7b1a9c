/**
 * An import, once everything is there: all objects get their ids, references follow them, and one refusal takes everything
 * back that was done before it. Files become versions last, when nothing can be refused any more.
 */

import type { PackageId } from '../../../address/identifiers.ts'
import { indexDrivers } from '../../../content/index-drivers.ts'
import { copyName } from '../../../sequence/copy-name.ts'
import type { ReferenceKind } from '../../../sequence/field.ts'
import type { Rewrite } from '../../../sequence/rewrite-references.ts'
import type { ContentFile } from '../../../site/content.ts'
import { foldName } from '../../../store/names.ts'
import type { Edit, EditOrigin, Store } from '../../../store/ports.ts'
import { expandStored } from '../../child-sequences.ts'
import type { Blobs } from '../../dependencies.ts'
import { Problem } from '../../problem.ts'
import { editedValue } from '../edit-answer.ts'
import { inspectImage } from '../inspect-image.ts'
import { keyOf } from './bundle.ts'
import { type Kept, siteKinds } from './exchange-kinds.ts'
import type { ImportAction, ImportPlan, PlannedObject } from './plan-import.ts'
import { saveSequence } from './sequence-kind.ts'

export interface Imported {
  readonly key: string
  readonly name: string
  readonly action: ImportAction
  readonly id: PackageId
  /** All its files came along or were there. */
  readonly hasContent: boolean
}

export interface Importing {
  readonly store: Store
  readonly library: Blobs
  readonly plan: ImportPlan
  readonly actionOf: (planned: PlannedObject) => ImportAction
  readonly origin: EditOrigin
}

type Undo = () => Promise<unknown>

export async function carryOutImport(importing: Importing): Promise<readonly Imported[]> {
  const files = await presentFiles(importing)
  const undo: Undo[] = []
  const imported: Imported[] = []
  const saving = { importing, imported, undo, files }
  try {
    await saveEach(saving, saveOther)
    await relateAll(saving)
    await saveEach(saving, saveTaskSequence)
    await refuseWrongChildren(importing.store, imported)
  } catch (error) {
    for (const step of undo.toReversed()) await step()
    throw error
  }
  for (const planned of importing.plan.objects) await addFiles(planned, { importing, imported, files })
  return imported
}

interface Saving {
  readonly importing: Importing
  /** Those that have their ids already: everything but task sequences goes before them. */
  readonly imported: Imported[]
  readonly undo: Undo[]
  readonly files: ReadonlyMap<string, readonly ContentFile[]>
}

async function saveEach(
  saving: Saving,
  save: (planned: PlannedObject, saving: Saving) => Promise<Imported | undefined>,
): Promise<void> {
  for (const planned of saving.importing.plan.objects) {
    const saved = await save(planned, saving)
    if (saved !== undefined) saving.imported.push(saved)
  }
}

async function saveOther(planned: PlannedObject, { importing, undo, files }: Saving): Promise<Imported | undefined> {
  const { key, prepared } = planned
  if (prepared.of === 'task-sequence') return undefined
  const { action, name, ignored, overwritten } = decide(planned, importing)
  if (ignored !== undefined) return ignored
  const kind = siteKinds(importing.store)[prepared.of]
  const hasContent = files.has(key)
  if (overwritten !== undefined) {
    undo.push(await kind.restorer(overwritten.id))
    editedObject(await prepared.other.overwrite(overwritten.id), planned)
    return { key, name, action, id: overwritten.id, hasContent }
  }
  const { id } = editedObject(await prepared.other.create(name), planned)
  undo.push(async () => kind.remove(id))
  return { key, name, action, id, hasContent }
}

async function saveTaskSequence(planned: PlannedObject, saving: Saving): Promise<Imported | undefined> {
  const { importing, undo } = saving
  const { key, prepared } = planned
  if (prepared.of !== 'task-sequence') return undefined
  const { action, name, ignored, overwritten } = decide(planned, importing)
  if (ignored !== undefined) return ignored
  const { origin, store } = importing
  const before = overwritten && (await store.taskSequences.get(overwritten.id))
  const target = { name, rewrite: rewriteBy(saving), origin, existing: overwritten?.id }
  const { id } = editedObject(await saveSequence(store.taskSequences, prepared.sequence, target), planned)
  undo.push(async () =>
    before === undefined
      ? store.taskSequences.remove(id, undefined, origin)
      : store.taskSequences.replace(id, before, undefined, origin),
  )
  return { key, name, action, id, hasContent: true }
}

interface Decision {
  readonly action: ImportAction
  readonly name: string
  /** The one that is here already is linked instead. */
  readonly ignored?: Imported
  readonly overwritten?: Kept
}

function decide(planned: PlannedObject, { actionOf, plan }: Importing): Decision {
  const { key, existing } = planned
  const action = actionOf(planned)
  if (existing === undefined || action === 'create-new') return { action, name: freeName(planned, plan) }
  const { id, name } = existing
  if (action === 'overwrite') return { action, name, overwritten: existing }
  return { action, name, ignored: { key, name, action, id, hasContent: true } }
}

/** When all that may be related is there, and before the first task sequence. */
async function relateAll({ importing, imported, undo }: Saving): Promise<void> {
  const rewrite = rewriteBy({ importing, imported })
  for (const { key, id, name, action } of imported) {
    const planned = importing.plan.objects.find((one) => one.key === key)
    if (planned === undefined || planned.prepared.of === 'task-sequence' || action === 'ignore-duplicate') continue
    const { of, other } = planned.prepared
    if (other.relate === undefined) continue
    undo.push(await siteKinds(importing.store)[of].restorer(id))
    editedObject(await other.relate(id, name, rewrite), planned)
  }
}

function rewriteBy({ importing: { plan }, imported }: Pick<Saving, 'importing' | 'imported'>): Rewrite {
  const ids = new Map([...plan.known, ...imported.map(({ key, id }) => [key, id] as const)])
  return (kind: ReferenceKind, id: PackageId) => ids.get(keyOf({ kind, id })) ?? id
}

function editedObject<T>(edit: Edit<T>, { key }: PlannedObject): T {
  if (edit.kind === 'saved') return edit.value
  if (edit.kind !== 'refused') return editedValue(edit)
  throw new Problem(409, { detail: `Nothing was imported. ${key}: ${edit.reason}`, code: 'refused' })
}

/** S11-004: a new application beside the old one needs a name of its own. */
function freeName({ name, object: { kind } }: PlannedObject, { here }: ImportPlan): string {
  const isTaken = (candidate: string): boolean => here[kind].has(foldName(candidate))
  return isTaken(name) ? copyName(name, isTaken) : name
}

/** What an overwritten child now leads to may be a parent of its own. */
async function refuseWrongChildren(store: Store, imported: readonly Imported[]): Promise<void> {
  for (const { key, id } of imported) {
    const object = key.startsWith('task-sequence:') ? await store.taskSequences.get(id) : undefined
    const expanded = object && (await expandStored(store, object))
    if (expanded?.kind !== 'refused') continue
    const faults = expanded.faults.map(({ path, message }) => ({ path: `${key} ${path}`, message }))
    throw new Problem(422, { detail: 'Nothing was imported: task sequences would not fit together.', faults })
  }
}

/** Of each object all its files, or none; without content in the export those that the library has by chance. */
async function presentFiles({
  library,
  plan,
  actionOf,
}: Importing): Promise<ReadonlyMap<string, readonly ContentFile[]>> {
  const present = new Map<string, readonly ContentFile[]>()
  const faults = []
  for (const planned of plan.objects) {
    const { key, object, existing } = planned
    if (object.files.length === 0 || (existing !== undefined && actionOf(planned) === 'ignore-duplicate')) continue
    const missing = []
    for (const file of object.files) if (!(await hasFile(library, file))) missing.push(file)
    if (missing.length === 0) {
      present.set(key, object.files)
      const { draft } = object
      if (object.kind === 'operating-system-image') await inspectImage(library, imageOf(planned, draft), object.files)
    } else if (plan.bundle.content) {
      faults.push(
        ...missing.map(({ name, sha256 }) => ({ path: `${key} ${name}`, message: `the file ${sha256} is missing` })),
      )
    }
  }
  if (faults.length === 0) return present
  const detail = 'Nothing was imported: files are missing. They stand in the folder beside the archive.'
  throw new Problem(422, { detail, code: 'files-missing', faults: faults.slice(0, 1_000) })
}

function imageOf({ object: { id }, name }: PlannedObject, draft: Readonly<Record<string, unknown>>) {
  const architecture = (['x86', 'x64', 'arm64'] as const).find((known) => known === draft['architecture']) ?? 'x64'
  const format = draft['format'] === 'wim' ? ('wim' as const) : ('root-archive' as const)
  return { id, name, description: '', architecture, format, revision: 1 }
}

/** It must outlast the import, however long ago it was sent. */
export async function hasFile(library: Blobs, { sha256, bytes }: ContentFile): Promise<boolean> {
  if (!(await library.renew(sha256))) return false
  const blob = await library.open(sha256)
  await blob?.close()
  return blob?.bytes === bytes
}

interface Adding {
  readonly importing: Importing
  readonly imported: readonly Imported[]
  readonly files: ReadonlyMap<string, readonly ContentFile[]>
}

async function addFiles({ key, object }: PlannedObject, { importing, imported, files }: Adding): Promise<void> {
  const { store, library } = importing
  const wanted = files.get(key)
  const id = imported.find((one) => one.key === key)?.id
  if (wanted === undefined || id === undefined || object.kind === 'task-sequence') return
  const newest = (await siteKinds(store)[object.kind].read(id))?.files ?? []
  // The same files again would be a version that says nothing new.
  if (JSON.stringify(newest.map(plain)) === JSON.stringify(wanted.map(plain))) return
  const system = object.kind === 'driver-package' ? (await store.driverPackages.get(id))?.system : undefined
  const addition = system === undefined ? {} : { driverIndex: await indexDrivers(system, wanted, library) }
  editedValue(await store.addContent(id, wanted, addition))
}

function plain({ name, sha256, executable }: ContentFile): readonly unknown[] {
  return [name, sha256, executable === true]
}
