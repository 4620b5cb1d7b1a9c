/** The steps after Apply Operating System Image need its result: the root of the applied system, and its partition. */

import { type FormattedPartition, parseFormattedPartitions } from './formatted-partitions.ts'
import { type StepContext, StepFailed } from './step-context.ts'

/** Set by Apply Operating System Image, in the spelling of `OSDFormattedPartitions`. */
export const targetPartitionVariable = 'OSDTargetSystemPartition'

/** Mounts the applied system again when a restart came between. */
export async function requireTarget(context: Pick<StepContext, 'target' | 'variable'>): Promise<string> {
  await context.target.mountRoot(targetPartition(context))
  return context.target.root
}

export function targetPartition(context: Pick<StepContext, 'variable'>): FormattedPartition {
  const [partition] = parseFormattedPartitions(context.variable(targetPartitionVariable))
  if (partition !== undefined) return partition
  throw new StepFailed('no operating system was applied: an Apply Operating System Image step must come first')
}
