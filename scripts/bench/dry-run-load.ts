/**
 * How long an administrator waits for 10,000 steps: the document is read and validated, stored in a database of its own, read
 * back and played against a machine that nothing is known of, as the routes do it (server/http/api/dry-run-routes.ts), up to
 * the text of the answer. HTTP itself is left out.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultSiteCode } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import { expandStored } from '../../server/http/child-sequences.ts'
import { dryRun } from '../../server/sequence/dry-run.ts'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import type { TaskSequenceObject } from '../../server/sequence/task-sequence-object.ts'
import { defaultSettings } from '../../server/sequence/task-sequence-settings.ts'
import type { Store } from '../../server/store/ports.ts'
import { openStore } from '../../server/store/sqlite-store.ts'

export interface Wait {
  readonly waitedMs: number
  /** Of all threads: what a machine with other work would have needed without it. */
  readonly processorMs: number
}

/** Of each round. */
export async function measureDryRuns(document: object, rounds: number): Promise<readonly Wait[]> {
  const directory = await mkdtemp(join(tmpdir(), 'reveille-bench-'))
  try {
    const nowMs = (): number => Date.now()
    const store = await openStore({ databaseFile: join(directory, 'site.sqlite'), siteCode: defaultSiteCode, nowMs })
    try {
      return await measureRounds(store, JSON.stringify(document), rounds)
    } finally {
      await store.close()
    }
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function measureRounds(store: Store, document: string, rounds: number): Promise<readonly Wait[]> {
  const measured: Wait[] = []
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now()
    const before = process.cpuUsage()
    const { id } = await storeAndDryRun(store, document)
    const waitedMs = performance.now() - startedMs
    const { user, system } = process.cpuUsage(before)
    measured.push({ waitedMs, processorMs: (user + system) / 1_000 })
    // Its name is free again for the next round.
    await store.taskSequences.remove(id, undefined)
  }
  return measured
}

async function storeAndDryRun(store: Store, document: string): Promise<TaskSequenceObject> {
  const parsed = parseSequence(JSON.parse(document))
  assert(parsed.kind === 'valid', 'the document is valid')
  const draft = { sequence: parsed.sequence, settings: defaultSettings, enabled: true }
  const edit = await store.taskSequences.create(draft)
  assert(edit.kind === 'saved', 'the task sequence is stored')
  const stored = await store.taskSequences.get(edit.value.id)
  assert(stored !== undefined, 'what was stored is there')
  const expanded = await expandStored(store, stored)
  assert(expanded.kind === 'expanded', 'there are no children')
  const told = dryRun(expanded.sequence, { where: 'boot-image', variables: [], outcomes: [] })
  assert(told.outcome?.kind === 'succeeded', 'every step would succeed')
  assert(JSON.stringify(told).length > 0, 'the answer is text')
  return stored
}
