/**
 * What `npm run check` does and `npm test` begins with. What reads the sources runs beside the tests, which wait for disks,
 * sockets and browsers a third of their time; a fault in the sources is printed first all the same.
 */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'

import { buildConsole } from './build-console.ts'
import { root } from './root.ts'
import { runStep } from './run-step.ts'
import type { StepResult } from './run-step.ts'
import { slowTests } from './slow-tests.ts'
import { ensureSystemPackages, printIncomplete } from './system-packages.ts'

/** `thorough`: the slow tests (slow-tests.ts), too, and all rounds of those that kill processes; for `npm test`. */
export async function checkSteps(thorough: boolean): Promise<StepResult[]> {
  const report = await ensureSystemPackages('test')
  if (report.kind === 'incomplete') console.error(printIncomplete(report))
  await buildConsole()
  const sources = checkSources()
  const [ofSources, ofTests] = await Promise.all([sources, runTests(thorough, sources)])
  return [...ofSources, ofTests]
}

/** In the order of how quickly a fault shows. */
async function checkSources(): Promise<StepResult[]> {
  return [
    await runStep('format (biome)', ['biome', 'format', '.']),
    await runStep('types', [
      'tsc',
      '--noEmit',
      '-p',
      '.',
      '--incremental',
      '--tsBuildInfoFile',
      cached('types.tsbuildinfo'),
    ]),
    await runStep('types of the pure folders, without Node', ['tsc', '--noEmit', '-p', 'server/tsconfig.core.json']),
    await runStep('types of the console', ['tsc', '--noEmit', '-p', 'server/console/tsconfig.json']),
    await runStep('lint (oxlint)', ['oxlint', '--type-aware', '--quiet']),
    await runStep('dead code (knip)', ['knip']),
  ]
}

/**
 * Test files run one more at a time than there are cores, because most of them wait now and then. Every one of them, every
 * writer's thread and every server that a test starts loads the same few hundred modules; that they are kept compiled
 * spares a third of that. With coverage they are not: V8 counts less exactly in code that comes from the cache.
 */
async function runTests(thorough: boolean, printAfter: Promise<unknown>): Promise<StepResult> {
  const ava = ['ava', `--concurrency=${availableParallelism() + 1}`]
  const withCoverage = process.env['REVEILLE_COVERAGE'] === '1'
  const environment = {
    REVEILLE_THOROUGH: thorough ? '1' : '0',
    ...(withCoverage ? {} : { NODE_COMPILE_CACHE: cached('node-compile') }),
  }
  return runStep(
    thorough ? 'tests' : `tests (${slowTests.length} slow files are left to npm test)`,
    withCoverage ? ['c8', ...ava] : ava,
    { environment, printAfter },
  )
}

function cached(name: string): string {
  return join(root, 'node_modules', '.cache', name)
}
