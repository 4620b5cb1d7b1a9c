/** Who asks, as one who edits: what revisions and edit locks are signed with. */

import type { Editor } from '../../site/edit-lock.ts'
import type { EditOrigin } from '../../store/ports.ts'
import { assert } from '../../assert.ts'
import type { Principal } from '../principal.ts'

/** A token and a person may have one name; they are not the same editor. */
export function editorOf(principal: Principal): Editor {
  assert(principal.kind === 'administrator', 'only administrators edit')
  const { via, name } = principal
  return { key: `${via}:${name}`, name: via === 'page-session' ? name : `${name} (${shown[via]})` }
}

const shown = { 'api-token': 'API token', 'preset-token': 'preset token' } as const

export function originOf(principal: Principal, comment: string | undefined): EditOrigin {
  return { editor: editorOf(principal), ...(comment === undefined ? {} : { comment }) }
}
