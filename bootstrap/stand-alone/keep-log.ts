/** What happened in a run that no site has heard of: one event a line, as a site would keep it, without secrets. */

import { runCommand } from '../command.ts'
import type { RunKeeper } from '../run-keeper.ts'
import { writeTargetFile } from '../target-files.ts'

/** Below the root of the system. */
export const logFolder = 'var/log/reveille'

export async function keepLog({ journal, saved }: RunKeeper, root: string): Promise<void> {
  const events = journal.unacknowledged(Number.POSITIVE_INFINITY)
  const began = new Date(events[0]?.atMs ?? saved.savedAtMs).toISOString().slice(0, 19).replaceAll(':', '-')
  const lines = events.map((event) => `${JSON.stringify(event)}\n`)
  await writeTargetFile(root, `${logFolder}/${began}Z-${saved.runId.slice(0, 8)}.jsonl`, lines.join(''), 0o600)
  await runCommand({ program: 'sync', arguments: ['-f', root] })
}
