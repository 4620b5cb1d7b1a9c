/** How the tests are run while mutants are tried: collected once, run often, with modules of their own where that is asked for. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { CollectedTest } from '../../scripts/mutation/collected-tests.ts'
import { TestLoader } from '../../scripts/mutation/load-tests.ts'
import { EndlessLoop, runBounded } from '../../scripts/mutation/run-bounded.ts'
import { printScores, whyTooLow } from '../../scripts/mutation/scores.ts'

const counter = `export const counter: { value: number } = { value: 0 }\n`
const tests = `
import test from 'ava'
import { counter } from './counter.ts'

const counts = test.macro({
  exec: (t, expected: number) => t.is((counter.value += 1), expected),
  title: (given, expected) => \`\${given} \${expected}\`,
})
test('counts to', counts, 1)
test('looks at nothing', () => {})
test('waits', async (t) => {
  await Promise.resolve()
  t.like({ a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] })
  t.deepEqual(t.throws(() => { throw new RangeError('no') }, { instanceOf: RangeError, message: /^no$/ })?.message, 'no')
})
test('differs', (t) => t.deepEqual({ a: undefined }, {}))
`

async function outcomeOf(collected: CollectedTest | undefined): Promise<string> {
  try {
    await collected?.run()
    return collected === undefined ? 'not there' : 'passed'
  } catch {
    return 'failed'
  }
}

test('tests run as AVA would judge them, and each load begins anew', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'reveille-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'counter.ts'), counter)
  writeFileSync(join(folder, 'some.test.ts'), tests)
  const loader = new TestLoader(folder, '*.test.ts')
  const first = await loader.load()
  t.deepEqual(
    first.map(({ id }) => id),
    ['some.test.ts counts to 1', 'some.test.ts looks at nothing', 'some.test.ts waits', 'some.test.ts differs'],
  )
  const outcomes = []
  for (const collected of first) outcomes.push(await outcomeOf(collected))
  t.deepEqual(outcomes, ['passed', 'failed', 'passed', 'failed'])
  t.is(await outcomeOf(first[0]), 'failed')
  const [again] = await loader.load()
  t.is(await outcomeOf(again), 'passed')
})

test('a test that does not end is ended, and one that ends has its own result', async (t) => {
  await t.throwsAsync(
    runBounded(async () => {
      let rounds = 0
      while (rounds >= 0) rounds = (rounds + 1) % 1_000
    }, 50),
    { instanceOf: EndlessLoop },
  )
  await t.throwsAsync(
    runBounded(() => Promise.reject(new Error('its own'))),
    { message: 'its own' },
  )
  await t.notThrowsAsync(runBounded(() => Promise.resolve()))
})

test('scores: the worst file first, endless loops count as noticed, and what is left out does not count', (t) => {
  const mutants = (file: string, ...statuses: string[]) => statuses.map((status) => ({ file, status }))
  t.is(
    printScores([
      ...mutants('good.ts', 'Killed', 'Timeout', 'Ignored'),
      ...mutants('bad.ts', 'Killed', 'Survived', 'NoCoverage', 'Killed', 'RuntimeError'),
    ]),
    [
      '  50.0 %  bad.ts: 2 noticed (0 by an endless loop), 2 not (1 never reached), 0 left out',
      ' 100.0 %  good.ts: 2 noticed (1 by an endless loop), 0 not (0 never reached), 1 left out',
      '  66.7 %  all: 4 noticed (1 by an endless loop), 2 not (1 never reached), 1 left out',
    ].join('\n'),
  )
})

const tooLow = test.macro((t, noticed: number, unnoticed: number, expected: string | undefined) => {
  const of = (count: number, status: string) => Array.from({ length: count }, () => ({ file: 'a.ts', status }))
  t.is(whyTooLow([...of(noticed, 'Killed'), ...of(unnoticed, 'Survived'), ...of(9, 'Ignored')]), expected)
})
test('a run over the whole engine is good enough at 80 %', tooLow, 800, 200, undefined)
test(
  'a run over the whole engine is not good enough just below',
  tooLow,
  7_999,
  2_001,
  'Only 79.9 % of the changes were noticed; 80 % are wanted.',
)
test('a run that changed nothing is not good enough', tooLow, 0, 0, 'No change was made, so nothing is known.')
