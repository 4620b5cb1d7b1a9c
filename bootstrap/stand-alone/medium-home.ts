/**
 * A run without a site (S7-026, S7-027): its content is on the medium, nobody hears of it, and its journal is its log. In the
 * installed system the medium may be gone, so what its steps need was put on the disk before (carry-content.ts).
 */

import { AssertionError } from '../../server/assert.ts'
import { messageOf } from '../../server/caught-error.ts'
import type { NextCommandAnswer } from '../../server/contract/agent.ts'
import { runCommand } from '../command.ts'
import type { MachineConsole } from '../console.ts'
import type { ContentOnMedium } from '../download.ts'
import type { RunHome } from '../run-home.ts'
import type { RunKeeper } from '../run-keeper.ts'
import { StepFailed } from '../step-context.ts'
import type { TargetSystem } from '../target-system.ts'
import { carryContent } from './carry-content.ts'
import { contentOf, type RunMedium } from './content-medium.ts'
import { keepLog } from './keep-log.ts'
import { removeClient } from './remove-client.ts'

export function mediumHome(medium: RunMedium, console: MachineConsole): RunHome {
  return {
    ...home(contentOf(medium)),
    carryContent,
    // Of a set, the first volume alone starts a machine (S7-014).
    beforeRestart: async (target) => {
      if (target === 'boot-image') await medium.requireVolume(medium.manifest.volume.number)
    },
    conclude: async (keeper, target) => {
      if (target.isMounted) await tryToKeepLog(keeper, target, console)
      else console.say('No disk was formatted in this run, so its log ends here.')
      keeper.remove()
    },
  }
}

/** A full disk, or a folder that is a link: the run has ended all the same, and must not end again at each start of the agent. */
async function tryToKeepLog(keeper: RunKeeper, { root }: TargetSystem, console: MachineConsole): Promise<void> {
  try {
    await keepLog(keeper, root)
  } catch (error) {
    if (error instanceof AssertionError) throw error
    console.say(`The log of this run is not kept: ${messageOf(error)}`)
  }
}

export function installedHome(console: MachineConsole): RunHome {
  return {
    ...home({ open: async () => undefined }),
    carryContent: async () => {},
    conclude: async (keeper, target) => {
      await tryToKeepLog(keeper, target, console)
      keeper.remove()
      await removeClient(target.root)
      await leaveSystemd(target)
    },
  }
}

function home(medium: ContentOnMedium): Omit<RunHome, 'carryContent' | 'conclude'> {
  return {
    resume: async () => {},
    credentials: () => [],
    content: { bases: [], token: () => '', onFault: () => {}, medium },
    images: { sendImage: noSite, keepImage: noSite },
    stateStores: {
      request: noSite,
      open: noSite,
      putChunk: noSite,
      getChunk: noSite,
      captured: noSite,
      release: noSite,
    },
    nextCommand: withoutDebugger,
  }
}

/** Faults of the sequence that were found when the medium was made are not all there are: variables decide, too. */
async function noSite(): Promise<never> {
  throw new StepFailed('this run began from a medium and has no site: give a folder instead')
}

/** Commands come from the site, so nobody could ever let it go on. */
async function withoutDebugger(after: number): Promise<NextCommandAnswer> {
  return { next: { number: after + 1, command: { kind: 'quit' } } }
}

/** Its own service ends by itself. */
async function leaveSystemd({ root }: TargetSystem): Promise<void> {
  if (root !== '/') return
  const units = ['reveille-agent.timer', 'reveille-agent-occasions.path']
  await runCommand({ program: 'systemctl', arguments: ['stop', '--no-block', ...units] })
  await runCommand({ program: 'systemctl', arguments: ['daemon-reload'] })
}
