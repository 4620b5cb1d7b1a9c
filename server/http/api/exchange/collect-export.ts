/** Task sequences and, if wanted, everything they need and what that needs in turn (S11-001, S11-002), as one bundle. */

import type { PackageId } from '../../../address/identifiers.ts'
import type { ReferenceKind } from '../../../sequence/field.ts'
import type { Store } from '../../../store/ports.ts'
import { type Fault, Problem } from '../../problem.ts'
import { type Bundle, type BundledObject, bundleFormat, bundleVersion, describe, keyOf } from './bundle.ts'
import { type Exported, type Kept, siteKinds } from './exchange-kinds.ts'
import { type ExportedSequence, exportSequence } from './sequence-kind.ts'

export interface ExportWanted {
  readonly ids: readonly PackageId[]
  readonly dependencies: boolean
  readonly content: boolean
  readonly comment: string
  readonly siteCode: string
}

type Found = (Kept & Exported) | ExportedSequence

interface Named {
  readonly kind: ReferenceKind
  readonly id: PackageId
  /** Where it is named; absent: it was asked for. */
  readonly path?: string
  readonly needed: boolean
}

export async function collectExport(store: Store, wanted: ExportWanted): Promise<Bundle> {
  const read = reader(store)
  const found = new Map<string, BundledObject>()
  const others = new Map<string, Bundle['others'][number]>()
  const faults: Fault[] = []
  const queue: Named[] = wanted.ids.map((id) => ({ kind: 'task-sequence', id, needed: true }))
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
    const key = keyOf(one)
    if (found.has(key) || others.has(key)) continue
    const { kind, id, path } = one
    const object = await read(kind, id)
    if (object === undefined) {
      // A disabled step may wait for what is still to come.
      if (one.needed) faults.push({ path: path ?? 'ids', message: `there is no ${describe(one)}` })
    } else if (path !== undefined && !wanted.dependencies) {
      others.set(key, { kind, id, name: object.name })
    } else {
      const typeAgain = 'typeAgain' in object ? [...object.typeAgain] : []
      found.set(key, { kind, id, draft: { ...object.draft }, files: [...object.files], typeAgain })
      queue.push(...object.needs.map((need) => ({ ...need, path: `${key} ${need.path}` })))
    }
  }
  if (faults.length > 0) throw new Problem(422, { detail: 'Some of it refers to objects that are not there.', faults })
  const { comment, content, siteCode } = wanted
  const stayed = [...others].filter(([key]) => !found.has(key)).map(([, other]) => other)
  const frame = { format: bundleFormat, version: bundleVersion, siteCode, comment, content } as const
  return { ...frame, objects: [...found.values()], others: stayed }
}

function reader(store: Store): (kind: ReferenceKind, id: PackageId) => Promise<Found | undefined> {
  const kinds = siteKinds(store)
  return async (kind, id) => {
    if (kind !== 'task-sequence') return kinds[kind].read(id)
    const object = await store.taskSequences.get(id)
    return object && exportSequence(object)
  }
}
