/**
 * Who asks for what is being written: whoever answers a request says it once, and every command given on the way carries it
 * (the audit has it from there). Nobody: an agent, or the server itself.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Editor } from '../site/edit-lock.ts'

const actors = new AsyncLocalStorage<Editor>()

export function actingAs<T>(editor: Editor, work: () => T): T {
  return actors.run(editor, work)
}

export function currentActor(): Editor | undefined {
  return actors.getStore()
}
