/**
 * Which run has to find the boot image when its machine starts again: one that runs there, or that asked to restart into it.
 * Told by the lane, which is as new as the machine's last word. Before a system is set up nothing on the disk could start.
 */

import type { DeploymentId } from '../address/identifiers.ts'
import { isInRun } from './advance-lane.ts'
import type { Lane } from './progress.ts'

/** Undefined also when the agent in the boot image said hello as a machine that has no run: it lost it, and starts no other. */
export function runInBootImage(lane: Lane): DeploymentId | undefined {
  const { run, stage } = lane
  const goesOn = isInRun(lane) && (stage === 'steps' || stage === 'restart')
  return goesOn && run?.where === 'boot-image' ? run.deploymentId : undefined
}
