/**
 * What a dynamic list may name (S2-032, S2-036): which packages and applications variables hold is known on the machine
 * only, so a run that has such a step gets all that allow it. What cannot be used at the moment is left out, and the step
 * that names it says so.
 */

import type { PolicyContent } from '../../contract/agent.ts'
import { flattenNodes } from '../../sequence/progress.ts'
import type { TaskSequence } from '../../sequence/task-sequence.ts'
import type { SiteObjects } from '../../store/ports.ts'
import { Problem } from '../problem.ts'
import { type ContentReference, policyContent } from './policy-content.ts'

export async function listedContent(objects: SiteObjects, sequence: TaskSequence): Promise<readonly PolicyContent[]> {
  const lists = dynamicLists(sequence)
  const packages = lists.get('install-package')
  const applications = lists.get('install-application')
  const references: ContentReference[] = []
  if (packages !== undefined) {
    for (const { id, programs } of await objects.packages.list()) {
      const isAllowed = programs.some(({ allowInstallFromTaskSequence }) => allowInstallFromTaskSequence)
      if (isAllowed) references.push({ id, kind: 'package', stepName: packages })
    }
  }
  if (applications !== undefined) {
    for (const { id, enabled, allowInstallFromTaskSequence } of await objects.applications.list()) {
      if (enabled && allowInstallFromTaskSequence) references.push({ id, kind: 'application', stepName: applications })
    }
  }
  const contents = await Promise.all(references.map((reference) => usableContent(objects, reference)))
  return contents.flat()
}

/** The first step of each type that asks a list. */
function dynamicLists(sequence: TaskSequence): ReadonlyMap<'install-package' | 'install-application', string> {
  const found = new Map<'install-package' | 'install-application', string>()
  for (const { node, enabled } of flattenNodes(sequence)) {
    if (!enabled || node.kind !== 'step') continue
    const { action } = node
    if (action.type !== 'install-package' && action.type !== 'install-application') continue
    if (action.baseVariable !== undefined && !found.has(action.type)) found.set(action.type, node.name)
  }
  return found
}

async function usableContent(objects: SiteObjects, reference: ContentReference): Promise<readonly PolicyContent[]> {
  try {
    return await policyContent(objects, [reference])
  } catch (error) {
    if (error instanceof Problem) return []
    throw error
  }
}
