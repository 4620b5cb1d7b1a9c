/** A person who types these lines, `undefined` for letting the time pass, and what the pages showed. */

import type { PageParts } from '../../../bootstrap/wizard/page.ts'

export function scriptedKeyboard(typed: readonly (string | undefined)[], chooseSeconds = 0) {
  const said: string[] = []
  const hidden: boolean[] = []
  let read = 0
  const parts: PageParts = {
    say: (text) => said.push(text),
    readLine: async (_timeoutMs, isHidden = false) => {
      hidden.push(isHidden)
      return typed[read++]
    },
    chooseSeconds,
  }
  return { parts, said, hidden, reads: () => read }
}
