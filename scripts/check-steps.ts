/** What `npm run check` does and `npm test` begins with, in the order of how quickly a fault shows. */

import { buildConsole } from './build-console.ts'
import { runStep } from './run-step.ts'
import type { StepResult } from './run-step.ts'
import { ensureSystemPackages, printIncomplete } from './system-packages.ts'

/** `thorough`: all rounds of the tests that kill processes, for `npm test`. */
export async function checkSteps(thorough: boolean): Promise<StepResult[]> {
  const report = await ensureSystemPackages('test')
  if (report.kind === 'incomplete') console.error(printIncomplete(report))
  await buildConsole()
  return [
    await runStep('format (biome)', ['biome', 'format', '.']),
    await runStep('types', ['tsc', '--noEmit', '-p', '.']),
    await runStep('types of the pure folders, without Node', ['tsc', '--noEmit', '-p', 'server/tsconfig.core.json']),
    await runStep('types of the console', ['tsc', '--noEmit', '-p', 'server/console/tsconfig.json']),
    await runStep('lint (oxlint)', ['oxlint', '--type-aware', '--quiet']),
    await runStep('dead code (knip)', ['knip']),
    await runStep('tests', process.env['REVEILLE_COVERAGE'] === '1' ? ['c8', 'ava'] : ['ava'], {
      REVEILLE_THOROUGH: thorough ? '1' : '0',
    }),
  ]
}
