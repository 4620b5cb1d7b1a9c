/**
 * A program that the kill test starts and kills: it saves leases as fast as it can, several at once, into a journal that is
 * short enough to be handed over all the time, and prints each one that was acknowledged.
 */

import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { openStore } from '../../server/store/sqlite-store.ts'
import { startMs } from './open-test-store.ts'
import { ip } from './site-builders.ts'

const [, , databaseFile = '', first = '0', sync = 'true'] = process.argv
const leaseJournalBytesMax = 4_000
const store = await openStore({
  databaseFile,
  siteCode: defaultSiteCode,
  nowMs: () => startMs,
  leaseJournalBytesMax,
  leaseSync: sync === 'true',
})
let given = Number(first)

async function lease(): Promise<void> {
  for (;;) {
    given += 1
    // Few addresses, so that most are given again and again; the end of the lease tells which time it was.
    const address = ip(`10.0.0.${given % 200}`)
    const expiresAtMs = given
    await store.saveLease({ address, clientKey: `01:${given}`, state: 'bound', expiresAtMs })
    await new Promise((resolve) => process.stdout.write(`${address} ${expiresAtMs}\n`, resolve))
  }
}

await Promise.all(Array.from({ length: 16 }, lease))
