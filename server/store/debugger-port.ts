/** The questions about runs in debug mode (S1-100 to S1-102); the others are in ports.ts. */

import type { RunId } from '../address/identifiers.ts'
import type { PolicyVariable } from '../contract/agent.ts'
import type { DebuggerState } from '../contract/debugger-state.ts'
import type { DebugCommand } from '../sequence/debug.ts'

/** A command of the debugger that the site keeps for a run (S1-101). */
export interface KeptCommand {
  readonly runId: RunId
  /** Of the run's commands, from 1 without gaps. */
  readonly number: number
  readonly command: DebugCommand
  readonly givenBy: string
  readonly givenAtMs: number
}

export interface DebuggedRun {
  readonly state: DebuggerState
  /** Those that the machine has not taken yet, in the order of their numbers. */
  readonly waiting: readonly KeptCommand[]
  /** By name; of secrets the value is masked. */
  readonly variables: readonly PolicyVariable[]
}

/** Runs in debug mode; what is known of them follows from the events of the run. */
export interface DebuggedRuns {
  /** Undefined: the run is not debugged. */
  debuggedRun(runId: RunId): Promise<DebuggedRun | undefined>
  /** Kept when it resolves. `quit`: the run goes on without its debugger; `too-many`: so many wait already. */
  addDebugCommand(
    command: Omit<KeptCommand, 'number'>,
  ): Promise<KeptCommand | 'not-debugged' | 'quit' | 'run-ended' | 'too-many'>
  /** The first one above the number. */
  nextDebugCommand(runId: RunId, after: number): Promise<KeptCommand | undefined>
}
