/**
 * Between the policy and the first step: is all content there (S6-052), and does the person who chose this want what it will
 * erase? The run exists by then, because its policy does; a no ends it, and says so to the server.
 */

import { pause } from './back-off.ts'
import type { Chosen } from './choose-deployment.ts'
import { whatIsErased } from './erased-disks.ts'
import { findMissingContent } from './find-missing-content.ts'
import { flushBeforeRestartMs, type Machine, type RunSession } from './run-session.ts'
import { askConfirmation } from './wizard/confirm-page.ts'
import { checkDependencies } from './wizard/dependency-page.ts'
import type { PageParts } from './wizard/page.ts'

export type Checked = 'go' | 'cancelled' | 'nobody' | 'failed'

/** As Windows counts it: ERROR_CANCELLED. */
const cancelledExitCode = 1_223
/** ERROR_NOT_FOUND. */
const missingExitCode = 1_168

export async function checkBeforeStart(
  session: RunSession,
  machine: Machine,
  { chosen, parts }: { readonly chosen: Extract<Chosen, { kind: 'start' }>; readonly parts: PageParts },
): Promise<Checked> {
  const { content, run } = session.keeper.saved
  const found = await checkDependencies({
    ...parts,
    isAttended: chosen.wasAsked,
    pause,
    search: () =>
      findMissingContent(content, {
        server: machine.server,
        token: () => machine.managementPoint.runToken,
        isAtHand: async (file) => (await machine.fromMedium?.medium.readContent(file)) !== undefined,
      }),
  })
  const endAs = async (checked: Checked, message: string): Promise<Checked> => {
    parts.say(checked === 'failed' ? `Error 51: The task sequence failed with ${missingExitCode}: ${message}` : message)
    await endRun(session, { exitCode: checked === 'failed' ? missingExitCode : cancelledExitCode, message })
    return checked
  }
  if (found.kind === 'missing') return endAs('failed', found.message)
  if (found.kind === 'nobody') return endAs('nobody', 'Nobody answered that content is missing.')
  if (found.kind === 'previous') return endAs('cancelled', 'Cancelled at the machine: content is missing.')
  if (!chosen.wasAsked) return 'go'
  const erased = await whatIsErased(run, machine.disks)
  const confirmed = await askConfirmation(run.sequence.name, erased, parts)
  if (confirmed.kind === 'next') {
    session.keeper.confirm()
    return 'go'
  }
  if (confirmed.kind === 'nobody') return endAs('nobody', 'Nobody confirmed what would be erased.')
  return endAs('cancelled', 'Cancelled at the machine: what would be erased was not confirmed.')
}

/** No step has run, so there is nothing of the engine's to end. */
async function endRun(
  { reporter, keeper }: RunSession,
  { exitCode, message }: { readonly exitCode: number; readonly message: string },
): Promise<void> {
  reporter.record({ kind: 'sequence-ended', outcome: { kind: 'failed', path: [], exitCode, message } })
  // A machine whose server is away must not hang here; the server gives the run up by itself.
  await reporter.allKept(flushBeforeRestartMs)
  reporter.close()
  keeper.remove()
}
