/**
 * Runs a test and ends it when it has used too much of the processor: the sign of a mutant that made an endless loop. Time on the
 * clock says little on a machine that has other work, so a test that was only kept waiting is run again.
 */

import { Script } from 'node:vm'

export class EndlessLoop extends Error {}

/** Many times what the slowest test uses. */
const millisecondsMax = 1_000

const slot = 'reveilleTestToRun'
/** The way to interrupt code that never returns: a script of the runtime's may be given a time limit. */
const runSlot = new Script(`${slot}()`)

/** Only what runs before the test's first wait is interrupted; what comes later is left to Stryker's own limit. */
export async function runBounded(test: () => Promise<void>, cpuMillisecondsMax = millisecondsMax): Promise<void> {
  const before = process.cpuUsage()
  for (;;) {
    Reflect.set(globalThis, slot, test)
    try {
      const ended: unknown = runSlot.runInThisContext({ timeout: cpuMillisecondsMax })
      await ended
      return
    } catch (error) {
      if (!isInterrupted(error)) throw error
      const { user, system } = process.cpuUsage(before)
      if (user + system >= cpuMillisecondsMax * 1_000) throw new EndlessLoop()
    }
  }
}

function isInterrupted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
