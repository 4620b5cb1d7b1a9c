/** A task sequence whose references name other objects: what an import does, where everything gets a new id (S11-004). */

import type { PackageId } from '../address/identifiers.ts'
import { assert } from '../assert.ts'
import type { ReferenceKind } from './field.ts'
import { mentionsOf } from './mentions.ts'
import { parseSequence } from './parse-sequence.ts'
import type { Node, Step, TaskSequence } from './task-sequence.ts'

/** Answers the id itself for what keeps it. */
export type Rewrite = (kind: ReferenceKind, id: PackageId) => PackageId

export function rewriteReferences(sequence: TaskSequence, rewrite: Rewrite): TaskSequence {
  const parsed = parseSequence({ ...sequence, children: sequence.children.map((node) => rewriteNode(node, rewrite)) })
  assert(parsed.kind === 'valid', 'one id is as good as another')
  return parsed.sequence
}

function rewriteNode(node: Node, rewrite: Rewrite): unknown {
  if (node.kind === 'group') return { ...node, children: node.children.map((child) => rewriteNode(child, rewrite)) }
  return { ...node, action: rewriteAction(node, rewrite) }
}

function rewriteAction({ action }: Step, rewrite: Rewrite): unknown {
  let written: unknown = action
  for (const mention of mentionsOf(action)) {
    if (mention.kind !== 'reference') continue
    const keys = mention.path.split(/[.[\]]+/).filter((key) => key !== '')
    written = replaceAt(written, keys, rewrite(mention.to, mention.id))
  }
  return written
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[], text: string): unknown {
  if (key === undefined) return text
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (String(index) === key ? replaceAt(item, rest, text) : item))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === key ? replaceAt(member, rest, text) : member]),
  )
}
