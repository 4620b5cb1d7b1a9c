/** Waits for the end of a machine's run, and says what everybody said when it does not come. */

import type { ExecutionContext } from 'ava'
import type { Lab } from '../../scripts/lab/lab.ts'
import type { Program } from '../../scripts/lab/program.ts'
import { waitForLane } from '../../scripts/lab/site-setup.ts'
import type { VirtualMachine } from '../../scripts/lab/virtual-machine.ts'
import type { Lane } from '../../server/contract/progress.ts'

export interface Awaited {
  readonly machine: VirtualMachine
  readonly macAddress: string
  readonly timeoutMs: number
  /** Absent: the end of the run. */
  readonly wanted?: (lane: Lane) => boolean
  /** On the way between the machine and the server: a relay, another DHCP server. */
  readonly between?: Program
}

export async function untilDone(
  t: ExecutionContext,
  lab: Lab,
  { machine, macAddress, timeoutMs, wanted = isDone, between }: Awaited,
): Promise<Lane> {
  try {
    return await waitForLane(lab.server, { macAddress, wanted, timeoutMs, ending: () => machine.ending() })
  } catch (error) {
    t.log(`the machine said:\n${machine.serial().slice(-4_000)}`)
    if (between !== undefined) t.log(`between it and the server was said:\n${between.said().slice(-4_000)}`)
    t.log(`the server said:\n${lab.server.log().slice(-4_000)}`)
    throw error
  }
}

function isDone({ stage }: Lane): boolean {
  return stage === 'done'
}
