/** Opens a store in a directory of its own, with a clock that the test moves. The suites take such a function, so that another database passes the same tests. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import type { Store } from '../../server/store/ports.ts'
import { openStore } from '../../server/store/sqlite-store.ts'

export const startMs = Date.UTC(2026, 0, 1)

export interface TestSite {
  readonly store: Store
  readonly clock: { nowMs: number }
  /** Closes the store and opens the same database again. */
  readonly reopen: () => Promise<Store>
}

export type OpenSite = (t: ExecutionContext) => Promise<TestSite>

export async function openSqliteSite(t: ExecutionContext): Promise<TestSite> {
  const directory = await temporaryDirectory(t)
  const clock = { nowMs: startMs }
  const options = { databaseFile: join(directory, 'site.db'), siteCode: defaultSiteCode, nowMs: () => clock.nowMs }
  let store = await openStore(options)
  t.teardown(() => store.close())
  return {
    store,
    clock,
    async reopen() {
      await store.close()
      store = await openStore(options)
      return store
    },
  }
}

export async function temporaryDirectory(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'reveille-test-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}
