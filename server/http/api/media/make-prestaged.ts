/**
 * Prestaged media (S7-008, S7-031): as bootable ones, with content beside. The image is written to the disks of new machines in
 * a factory; at their first start they ask the site, and fetch from there only what their disk does not have.
 */

import { z } from 'zod'
import type { PackageId } from '../../../address/identifiers.ts'
import type { PolicyContent } from '../../../contract/agent.ts'
import { neededBy } from '../../agent/sequence-policy.ts'
import { type ContentReference, policyContent } from '../../agent/policy-content.ts'
import { expandStored } from '../../child-sequences.ts'
import { type Fault, Problem } from '../../problem.ts'
import { packageId } from '../fields.ts'
import { bootableDraft, makeBootable } from './make-bootable.ts'
import type { MadeMedium, MediumMaking } from './medium-maker.ts'

const chosen = z.array(packageId).max(1_000).default([])

export const prestagedDraft = z.strictObject({
  ...bootableDraft.shape,
  kind: z.literal('prestaged'),
  taskSequenceId: packageId.exactOptional().meta({ description: 'All that its steps refer to goes onto it' }),
  operatingSystemImages: chosen,
  applications: chosen,
  packages: chosen,
  driverPackages: chosen,
})
type PrestagedDraft = z.output<typeof prestagedDraft>

export async function makePrestaged(making: MediumMaking, draft: PrestagedDraft): Promise<MadeMedium> {
  const bootable = await makeBootable(making, { ...draft, kind: 'bootable' })
  const references = await referencesOf(making, draft)
  const { contents, faults } = await gather(making, references.found)
  const all = [...(bootable.kind === 'faults' ? bootable.faults : []), ...references.faults, ...faults]
  if (all.length > 0 || bootable.kind === 'faults') return { kind: 'faults', faults: all }
  if (contents.length === 0) {
    const message = 'a prestaged medium has content: give a task sequence, or what is to be on it'
    return { kind: 'faults', faults: [{ path: 'taskSequenceId', message }] }
  }
  const known = new Set(bootable.parts.contents.map(({ id }) => id))
  const added = contents.filter(({ id }) => !known.has(id))
  return { kind: 'made', parts: { ...bootable.parts, contents: [...bootable.parts.contents, ...added] } }
}

interface Referred {
  readonly path: string
  readonly reference: ContentReference
}

async function referencesOf(
  { dependencies: { store } }: MediumMaking,
  draft: PrestagedDraft,
): Promise<{ readonly found: readonly Referred[]; readonly faults: readonly Fault[] }> {
  const { taskSequenceId } = draft
  const named = (path: string, ids: readonly PackageId[], kind: ContentReference['kind']): readonly Referred[] =>
    ids.map((id) => ({ path, reference: { id, kind } }))
  const found = [
    ...named('operatingSystemImages', draft.operatingSystemImages, 'operating-system-image'),
    ...named('applications', draft.applications, 'application'),
    ...named('packages', draft.packages, 'package'),
    ...named('driverPackages', draft.driverPackages, 'driver-package'),
  ]
  if (taskSequenceId === undefined) return { found, faults: [] }
  const path = 'taskSequenceId'
  const object = await store.taskSequences.get(taskSequenceId)
  if (object === undefined) return { found, faults: [{ path, message: `there is no task sequence ${taskSequenceId}` }] }
  const expanded = await expandStored(store, object)
  if (expanded.kind === 'refused') return { found, faults: expanded.faults.map(({ message }) => ({ path, message })) }
  const ofSteps = neededBy(expanded.sequence).map((reference) => ({ path, reference }))
  return { found: [...found, ...ofSteps], faults: [] }
}

/** One after the other, so that everything that is missing is named and not the first of it. */
async function gather(
  { dependencies: { store } }: MediumMaking,
  references: readonly Referred[],
): Promise<{ readonly contents: readonly PolicyContent[]; readonly faults: readonly Fault[] }> {
  const contents = new Map<PackageId, PolicyContent>()
  const faults: Fault[] = []
  for (const { path, reference } of references) {
    try {
      for (const content of await policyContent(store, [reference])) contents.set(content.id, content)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      faults.push({ path, message: error.message })
    }
  }
  return { contents: [...contents.values()], faults }
}
