/**
 * `npm run mutate [-- FILE…]`: changes server/sequence in thousands of small ways, one at a time, and counts how many of the changes a
 * test of test/sequence notices. Prints the score of each file; .cache/mutation/report.html shows every change that went unnoticed.
 * Ends with 1 when a run over all files finds a score below 80 %.
 * Not part of CI: server/README.md says how long it takes.
 */

import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { Stryker } from '@stryker-mutator/core'
import { printScores, whyTooLow } from './mutation/scores.ts'
import { root } from './root.ts'

const files = process.argv.slice(2).map((file) => relative(root, file))
const folder = '.cache/mutation'

process.chdir(root)
const stryker = new Stryker({
  mutate: files.length === 0 ? ['server/sequence/**/*.ts'] : files,
  ignorePatterns: ['**', '!server/**/*.ts', '!test/**/*', '!package.json'],
  plugins: [join(root, 'scripts/mutation/test-runner.ts')],
  testRunner: 'sequence-tests',
  coverageAnalysis: 'perTest',
  concurrency: Math.max(1, Math.min(availableParallelism(), 8)),
  // Each mutant that needs modules of its own leaves them in memory.
  maxTestRunnerReuse: 200,
  // Endless loops are ended by the runner, which looks at the processor and not at the clock; this is for what it cannot end.
  timeoutMS: 60_000,
  disableTypeChecks: false,
  tempDirName: `${folder}/copy`,
  reporters: ['progress-append-only', 'html', 'json'],
  htmlReporter: { fileName: `${folder}/report.html` },
  jsonReporter: { fileName: `${folder}/report.json` },
})
const results = await stryker.runMutationTest()
const mutants = results.map(({ fileName, status }) => ({ file: relative(root, fileName), status }))
console.log(printScores(mutants))
const tooLow = files.length === 0 ? whyTooLow(mutants) : undefined
if (tooLow !== undefined) {
  console.error(tooLow)
  process.exitCode = 1
}
