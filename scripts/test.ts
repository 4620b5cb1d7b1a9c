/** Everything that CI runs: the quick check, then virtual machines with real firmware against the real server. */

import { checkSteps } from './check-steps.ts'
import { prepareBootImage, prepareOperatingSystem } from './prepare-images.ts'
import { findIsolation } from './private-network.ts'
import { closeWith, runStep } from './run-step.ts'
import type { StepResult } from './run-step.ts'

const results: StepResult[] = await checkSteps(true)
const isolation = findIsolation()
if (isolation.kind === 'impossible') {
  console.error(`\nreveille: the end-to-end tests cannot run here: ${isolation.reason}`)
  results.push({ name: 'end-to-end tests (not run: no private network)', seconds: 0, passed: 0, failed: 1 })
} else {
  await prepareBootImage('virtual')
  await prepareOperatingSystem()
  const outside = ['ava', '--config', 'test/end-to-end/outside.config.mjs']
  results.push(await runStep('a boot image is built twice, and boots', outside))
  const isolated = (config: string): readonly string[] => [
    ...isolation.prefix,
    'ava',
    '--config',
    `test/end-to-end/${config}`,
  ]
  results.push(await runStep('end to end: networks', isolated('network.config.mjs')))
  results.push(await runStep('end to end: virtual machines boot', isolated('ava.config.mjs')))
}
process.exitCode = closeWith(results)
