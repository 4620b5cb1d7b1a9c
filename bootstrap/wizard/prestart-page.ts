/** The prestart command, and the page that says that it failed (S6-047). Nothing else runs then. */

import type { PolicyVariable } from '../../server/contract/agent.ts'
import type { PrestartEnd } from '../medium/run-prestart.ts'
import { ask, type PageEnd, type PageParts } from './page.ts'

export interface PrestartPageParts extends PageParts {
  readonly run: () => Promise<PrestartEnd>
}

export async function askPrestart(parts: PrestartPageParts): Promise<PageEnd<readonly PolicyVariable[]>> {
  for (;;) {
    const end = await parts.run()
    if (end.kind === 'succeeded') return { kind: 'next', value: end.variables }
    const lines = [`The prestart command of this medium failed: ${end.reason}.`, 'No task sequence is started.']
    const typed = await ask({ heading: 'Prestart command', lines, keys: 'Enter = run it again, p = Previous' }, parts)
    if (typed.kind !== 'next') return typed
  }
}
