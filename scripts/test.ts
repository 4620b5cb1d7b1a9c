/** Everything that CI runs: the quick check, then virtual machines with real firmware against the real server. */

import { checkSteps } from './check-steps.ts'
import { machineLanes } from './machine-lanes.ts'
import { prepareBootImage, prepareOperatingSystem } from './prepare-images.ts'
import { findIsolation } from './private-network.ts'
import { closeWith, runStep, type StepResult } from './run-step.ts'

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
  const networks = [...isolation.prefix, 'ava', '--config', 'test/end-to-end/network.config.mjs']
  results.push(await runStep('end to end: networks', networks))
  results.push(...(await bootMachines(isolation.prefix)))
}
process.exitCode = closeWith(results)

/**
 * Two lanes, each in a private network of its own: servers of one network share port 67, and one machine keeps one of two cores
 * busy. A file that is in no lane fails `test/scripts/machine-lanes.test.ts`.
 */
async function bootMachines(prefix: readonly string[]): Promise<readonly StepResult[]> {
  const words = [...prefix, 'ava', '--config', 'test/end-to-end/ava.config.mjs']
  const [first, second] = machineLanes
  const one = runStep(`end to end: ${first.join(', ')}`, [...words, ...first.map(fileOf)])
  const other = runStep(`end to end: ${second.join(', ')}`, [...words, ...second.map(fileOf)], { printAfter: one })
  return Promise.all([one, other])
}

function fileOf(name: string): string {
  return `test/end-to-end/${name}.test.ts`
}
