/** Waits for the end of a machine's run, and says what the machine and the server said when it does not come. */

import type { ExecutionContext } from 'ava'
import type { Lab } from '../../scripts/lab/lab.ts'
import { waitForLane } from '../../scripts/lab/site-setup.ts'
import type { VirtualMachine } from '../../scripts/lab/virtual-machine.ts'
import type { Lane } from '../../server/contract/progress.ts'

export interface Awaited {
  readonly machine: VirtualMachine
  readonly macAddress: string
  readonly timeoutMs: number
  /** Absent: the end of the run. */
  readonly wanted?: (lane: Lane) => boolean
}

export async function untilDone(
  t: ExecutionContext,
  lab: Lab,
  { machine, macAddress, timeoutMs, wanted = isDone }: Awaited,
): Promise<Lane> {
  try {
    return await waitForLane(lab.server, { macAddress, wanted, timeoutMs })
  } catch (error) {
    t.log(machine.serial().slice(-4_000), lab.server.log().slice(-4_000))
    throw error
  }
}

function isDone({ stage }: Lane): boolean {
  return stage === 'done'
}
