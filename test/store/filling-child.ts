/** A program that writes until its disk is full, then prints how many writes were acknowledged and what the store said. */

import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { StoreError } from '../../server/store/store-error.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { startMs } from './open-test-store.ts'

const [, , databaseFile = ''] = process.argv
const store = await openStore({ databaseFile, siteCode: defaultSiteCode, nowMs: () => startMs })
let acknowledged = 0
try {
  for (;;) {
    const name = 'x'.repeat(50_000)
    await store.addToken({ sha256: String(acknowledged), kind: 'api', name, createdAtMs: startMs })
    acknowledged += 1
  }
} catch (error) {
  const said = error instanceof StoreError ? `${error.code} ${error.message}` : String(error)
  process.stdout.write(`${acknowledged}\n${said}\n`)
}
// The store goes on answering: reads work, and a write says again what is wrong instead of waiting for ever.
const again = await store.setAdministrator('x'.repeat(100_000), 'y'.repeat(100_000)).catch((error: unknown) => error)
process.stdout.write(`${again instanceof StoreError ? again.code : 'written'} ${(await store.listTokens()).length}\n`)
await store.close()
