/**
 * The content of the steps that follow in the installed system, brought onto its disk while the medium is there (S7-025): after
 * the restart it may be gone, or in a drive that system has no driver for. It is read from there by its hash, as what a
 * distribution point sent is.
 */

import type { PackageId } from '../../server/address/identifiers.ts'
import type { PolicyContent } from '../../server/contract/agent.ts'
import { mentionsOf } from '../../server/sequence/mentions.ts'
import { flattenNodes } from '../../server/sequence/progress.ts'
import type { Run } from '../../server/sequence/run.ts'
import type { Action } from '../../server/sequence/step-types.ts'
import type { NodePath, TaskSequence } from '../../server/sequence/task-sequence.ts'
import { fetchContent, requireRoom, workingFolder } from '../package-content.ts'
import type { StepContext } from '../step-context.ts'

/** Rejects when there is no room: the step that was to start the installed system fails then. */
export async function carryContent(context: StepContext, { sequence, state }: Run): Promise<void> {
  if (state.kind !== 'running-step') return
  const contents = contentAfter(sequence, state.path, context.content)
  const parent = await workingFolder(context)
  await requireRoom(parent, contents)
  for (const content of contents) await fetchContent(context, content, { parent })
}

/** What the steps behind this one may need. */
export function contentAfter(
  sequence: TaskSequence,
  path: NodePath,
  contents: readonly PolicyContent[],
): readonly PolicyContent[] {
  const actions = flattenNodes(sequence).flatMap(({ node, path: at, enabled }) =>
    enabled && node.kind === 'step' && isBehind(at, path) ? [node.action] : [],
  )
  const wanted = new Set(actions.flatMap(referredBy))
  // A set yields what is added to it while it is walked through.
  for (const id of wanted) for (const other of needs(contents.find((each) => each.id === id))) wanted.add(other)
  const startsBootImage = actions.some(leadsToBootImage)
  return contents.filter(({ id, kind }) => wanted.has(id) || (startsBootImage && kind === 'boot-image'))
}

function isBehind(path: NodePath, other: NodePath): boolean {
  for (const [at, index] of path.entries()) {
    const than = other[at]
    if (than === undefined || index !== than) return than !== undefined && index > than
  }
  return false
}

function referredBy(action: Action): readonly PackageId[] {
  return mentionsOf(action).flatMap((mention) => (mention.kind === 'reference' ? [mention.id] : []))
}

/** S2-030, S2-031. */
function needs(content: PolicyContent | undefined): readonly PackageId[] {
  const { dependencies = [], supersedes = [] } = content?.application ?? {}
  return [...dependencies, ...supersedes.map(({ applicationId }) => applicationId)]
}

function leadsToBootImage(action: Action): boolean {
  if (action.type === 'restart-computer') return action.target === 'boot-image'
  return action.type === 'prepare-windows-for-capture'
}
