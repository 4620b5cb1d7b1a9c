/**
 * Whom a run belongs to: who hears what happens in it, where its content comes from, where what it captures may go, and what is
 * left of it at its end. The site (site-home.ts), or the medium that the machine was started from (stand-alone/medium-home.ts).
 */

import type { NextCommandAnswer } from '../server/contract/agent.ts'
import type { RestartTarget, Run } from '../server/sequence/run.ts'
import type { DownloadSettings } from './download.ts'
import type { ReporterSettings } from './reporter.ts'
import type { RunKeeper } from './run-keeper.ts'
import type { ImageSite } from './send-image.ts'
import type { StateStoreSite } from './state-store.ts'
import type { StepContext } from './step-context.ts'
import type { TargetSystem } from './target-system.ts'

export interface RunHome {
  /** After a restart, or another start of the agent. Rejects with a `Fault` when the run may not go on. */
  readonly resume: () => Promise<void>
  /** Absent: nobody hears of it but who stands before the machine, and the journal keeps it. */
  readonly send?: ReporterSettings['send']
  /** What no output may show; others at each renewal. */
  readonly credentials: () => readonly string[]
  readonly content: Pick<DownloadSettings, 'bases' | 'token' | 'onFault' | 'medium'>
  readonly images: ImageSite
  readonly stateStores: StateStoreSite
  readonly nextCommand: (after: number) => Promise<NextCommandAnswer>
  /** Puts what only this start of the agent can reach onto the target, for the steps that follow there. */
  readonly carryContent: (context: StepContext, run: Run) => Promise<void>
  /** Whether the machine finds what it is to start there; absent: that is nothing to do with where the run came from. */
  readonly beforeRestart?: (target: RestartTarget) => Promise<void>
  /** The run has ended: nothing of it stays, but what somebody may want to read. */
  readonly conclude: (keeper: RunKeeper, target: TargetSystem) => Promise<void>
}
