/**
 * A bundle against this site: what is in it, what exists here already (the same kind and name), what may be done with each
 * (S11-004), and what is wrong. Nothing is changed.
 */

import type { PackageId } from '../../../address/identifiers.ts'
import { type ReferenceKind, referenceNouns } from '../../../sequence/field.ts'
import type { Store } from '../../../store/ports.ts'
import { foldName } from '../../../store/names.ts'
import type { Fault } from '../../problem.ts'
import { type Bundle, type BundledObject, describe, keyOf } from './bundle.ts'
import { type Kept, type Prepared, siteKinds } from './exchange-kinds.ts'
import { type PreparedSequence, prepareSequence } from './sequence-kind.ts'

export const importActions = ['create-new', 'ignore-duplicate', 'overwrite'] as const
export type ImportAction = (typeof importActions)[number]

export interface PlannedObject {
  readonly key: string
  readonly object: BundledObject
  readonly name: string
  readonly prepared: PreparedObject
  /** Has the same kind and name. */
  readonly existing: Kept | undefined
}

export type PreparedObject =
  | { readonly of: 'task-sequence'; readonly sequence: PreparedSequence }
  | { readonly of: Exclude<ReferenceKind, 'task-sequence'>; readonly other: Prepared }

export interface ImportPlan {
  readonly bundle: Bundle
  /** Task sequences come last, a child before its parents. */
  readonly objects: readonly PlannedObject[]
  /** Ids of what stayed behind and is here under the same name. */
  readonly known: ReadonlyMap<string, PackageId>
  /** By folded name. */
  readonly here: Readonly<Record<ReferenceKind, ReadonlyMap<string, Kept>>>
}

export type PlannedImport =
  | { readonly kind: 'planned'; readonly plan: ImportPlan }
  | { readonly kind: 'refused'; readonly faults: readonly Fault[] }

export async function planImport(store: Store, bundle: Bundle): Promise<PlannedImport> {
  const lists = await readLists(store)
  const faults: Fault[] = []
  const seen = new Set<string>()
  const names = namesByKind()
  const objects: PlannedObject[] = []
  for (const [index, object] of bundle.objects.entries()) {
    const key = keyOf(object)
    const fault = (path: string, message: string) => faults.push({ path: `objects[${index}]${path}`, message })
    if (seen.has(object.id)) fault('', `${describe(object)} is in it twice`)
    seen.add(object.id)
    const prepared = prepare(store, object)
    if (prepared.kind === 'invalid') {
      for (const { path, message } of prepared.faults) fault(`.draft.${path}`, message)
      continue
    }
    const { name } = prepared.value.of === 'task-sequence' ? prepared.value.sequence : prepared.value.other
    const folded = foldName(name)
    if (names[object.kind].has(folded))
      fault('', `another ${referenceNouns[object.kind]} in it has the name ${name} too`)
    names[object.kind].add(folded)
    objects.push({ key, object, name, prepared: prepared.value, existing: lists[object.kind].get(folded) })
  }
  const known = new Map(
    bundle.others.flatMap((other) => {
      const here = lists[other.kind].get(foldName(other.name))
      return here === undefined ? [] : [[keyOf(other), here.id] as const]
    }),
  )
  if (faults.length === 0) faults.push(...missingNeeds(objects, { bundle, known }))
  const ordered = inOrder(objects, faults)
  if (faults.length > 0) return { kind: 'refused', faults: faults.slice(0, 1_000) }
  return { kind: 'planned', plan: { bundle, objects: ordered, known, here: lists } }
}

function namesByKind(): Readonly<Record<ReferenceKind, Set<string>>> {
  return {
    'boot-image': new Set(),
    'operating-system-image': new Set(),
    'operating-system-upgrade-package': new Set(),
    'driver-package': new Set(),
    package: new Set(),
    application: new Set(),
    'task-sequence': new Set(),
  }
}

type Lists = ImportPlan['here']

async function readLists(store: Store): Promise<Lists> {
  const kinds = siteKinds(store)
  const named = (list: readonly Kept[]) => new Map(list.map((one) => [foldName(one.name), one]))
  const sequences = (await store.taskSequences.list()).map(({ id, sequence: { name } }) => ({ id, name }))
  return {
    'boot-image': named(await kinds['boot-image'].list()),
    'operating-system-image': named(await kinds['operating-system-image'].list()),
    'operating-system-upgrade-package': named(await kinds['operating-system-upgrade-package'].list()),
    'driver-package': named(await kinds['driver-package'].list()),
    package: named(await kinds.package.list()),
    application: named(await kinds.application.list()),
    'task-sequence': named(sequences),
  }
}

type Preparing =
  | { readonly kind: 'prepared'; readonly value: PreparedObject }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }

function prepare(store: Store, { kind, draft }: BundledObject): Preparing {
  if (kind === 'task-sequence') {
    const read = prepareSequence(draft)
    return read.kind === 'invalid' ? read : { kind: 'prepared', value: { of: kind, sequence: read.prepared } }
  }
  const read = siteKinds(store)[kind].prepare(draft)
  return read.kind === 'invalid' ? read : { kind: 'prepared', value: { of: kind, other: read.prepared } }
}

export function needsOf({ prepared }: PlannedObject) {
  return prepared.of === 'task-sequence' ? prepared.sequence.needs : prepared.other.needs
}

function missingNeeds(
  objects: readonly PlannedObject[],
  { bundle, known }: { readonly bundle: Bundle; readonly known: ReadonlyMap<string, PackageId> },
): readonly Fault[] {
  const inside = new Set(objects.map(({ key }) => key))
  return objects.flatMap((planned) =>
    needsOf(planned).flatMap((need): readonly Fault[] => {
      const key = keyOf(need)
      if (!need.needed || inside.has(key) || known.has(key)) return []
      const other = bundle.others.find((one) => keyOf(one) === key)
      const what = other === undefined ? describe(need) : `${describe(need)} (${other.name}), which stayed behind`
      return [{ path: `${planned.key} ${need.path}`, message: `needs ${what}, and this site has none of that name` }]
    }),
  )
}

/** Children first; a sequence that leads back to itself has no place. */
function inOrder(objects: readonly PlannedObject[], faults: Fault[]): readonly PlannedObject[] {
  const sequences = new Map(
    objects.filter(({ object }) => object.kind === 'task-sequence').map((one) => [one.key, one]),
  )
  const ordered = objects.filter(({ object }) => object.kind !== 'task-sequence')
  const placed = new Set<string>()
  let left = [...sequences.values()]
  while (left.length > 0) {
    const ready = left.filter((one) =>
      needsOf(one).every((need) => !sequences.has(keyOf(need)) || placed.has(keyOf(need))),
    )
    if (ready.length === 0) {
      faults.push({
        path: '',
        message: `task sequences lead back to themselves: ${left.map(({ name }) => name).join(', ')}`,
      })
      return ordered
    }
    for (const one of ready) placed.add(one.key)
    ordered.push(...ready)
    left = left.filter(({ key }) => !placed.has(key))
  }
  return ordered
}
