/**
 * Prepare ConfigMgr Client for Capture (S2-062) in its Linux meaning. The client is running this very sequence, so what it
 * still needs stays until the restart into the boot image; the image is made without it (general-system.ts). In a build
 * and capture, where this run brought the client, the image holds no client at all; otherwise it holds one that belongs to
 * no site and no run.
 */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  clientInImageVariable,
  type PrepareConfigMgrClientForCapture,
} from '../../server/sequence/step-types/prepare-configmgr-client-for-capture.ts'
import { targetPartitionVariable } from '../require-target.ts'
import { type StepContext, type StepResult, variable } from '../step-context.ts'
import { hasTargetFile } from '../target-files.ts'

/** Where the server is; a run that goes on has it in its own file. */
const locationFile = 'var/lib/reveille/agent.json'

export async function prepareConfigMgrClientForCapture(
  _action: PrepareConfigMgrClientForCapture,
  context: StepContext,
): Promise<StepResult> {
  const { root } = context.target
  const isBuild = context.variable(targetPartitionVariable) !== ''
  if (await hasTargetFile(root, locationFile)) await rm(join(root, locationFile))
  context.output(
    'log',
    isBuild
      ? 'The image will hold no client: this run installed it.'
      : 'The image will hold the client, without its site and its run.',
  )
  return { exitCode: 0, message: '', variables: [variable(clientInImageVariable, isBuild ? 'remove' : 'keep')] }
}
