/**
 * What the general page of a deployment does to content, once, when it is made (S5-002): all that its task sequence refers to goes
 * to the default groups of its collection; with what that depends on, where it is asked for. Without such groups, what the
 * content depends on goes to wherever any of the content is.
 */

import type { DistributionPointGroupId, DistributionPointId } from '../../address/identifiers.ts'
import type { Deployment } from '../../site/deployment.ts'
import type { ContentTargets } from '../../store/distribution-port.ts'
import type { Draft, Store } from '../../store/ports.ts'
import { referredContent } from '../referred-content.ts'
import { editedValue } from './edit-answer.ts'

export async function distributeFor(store: Store, deployment: Draft<Deployment>): Promise<void> {
  const { useDefaultDistributionPointGroups, distributeDependencies: withDependencies } = deployment
  if (!useDefaultDistributionPointGroups && !withDependencies) return
  const sequence = await store.taskSequences.get(deployment.taskSequenceId)
  if (sequence === undefined) return
  const targets = useDefaultDistributionPointGroups
    ? {
        points: [],
        groups: (await store.collections.get(deployment.collectionId))?.defaultDistributionPointGroups ?? [],
      }
    : await whereItIs(store, await referredContent(store, sequence, { withDependencies: false }))
  if (targets.points.length + targets.groups.length === 0) return
  editedValue(await store.assignContent(await referredContent(store, sequence, { withDependencies }), targets))
}

async function whereItIs(store: Store, contents: Awaited<ReturnType<typeof referredContent>>): Promise<ContentTargets> {
  const points = new Set<DistributionPointId>()
  const groups = new Set<DistributionPointGroupId>()
  for (const targets of (await store.contentTargets(contents)).values()) {
    for (const id of targets.points) points.add(id)
    for (const id of targets.groups) groups.add(id)
  }
  return { points: [...points], groups: [...groups] }
}
