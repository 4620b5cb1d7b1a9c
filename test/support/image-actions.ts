/** Actions of the image steps, as a document gives them. */

import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import type { Action, ActionType } from '../../server/sequence/step-types.ts'

type Written<Type> = { readonly type: Type } & Readonly<Record<string, unknown>>

/** With every default; its faults are the test's own mistake. */
export function actionOf<Type extends ActionType>(written: Written<Type>): Extract<Action, { readonly type: Type }> {
  const parsed = parseSequence({ name: 'One', children: [{ action: written }] })
  const node = parsed.kind === 'valid' ? parsed.sequence.children[0] : undefined
  if (node?.kind === 'step' && isOf(node.action, written.type)) return node.action
  throw new Error(`not an action: ${JSON.stringify(parsed)}`)
}

/** Each fault as `member code`. */
export function faultsOf(written: Written<string>): readonly string[] {
  const parsed = parseSequence({ name: 'One', children: [{ action: written }] })
  if (parsed.kind === 'valid') return []
  return parsed.faults.map(({ path, code }) => `${path.replace('children[0].action.', '')} ${code}`)
}

function isOf<Type extends ActionType>(action: Action, type: Type): action is Extract<Action, { readonly type: Type }> {
  return action.type === type
}
