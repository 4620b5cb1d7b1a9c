/** Whether a run may fetch: how long the site's word counts, while it is there and while it is not. */

import test from 'ava'
import { parsePackageId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import type { RunTokenAnswer } from '../../server/contract/distribution-point.ts'
import { freshMs, RunTokens, survivesMs } from '../../server/distribution-point/run-tokens.ts'
import { NotAPoint } from '../../server/distribution-point/site-connection.ts'

const id = parsePackageId('RVL00001')
assert(id !== undefined, 'an id of a fixture')
const content = [{ id, version: 3 }]

/** The site says what is in `answer`, or throws it. */
function tokensOf() {
  const site: { answer: RunTokenAnswer | Error; asked: string[]; nowMs: number } = {
    answer: { known: true, content },
    asked: [],
    nowMs: 0,
  }
  const tokens = new RunTokens({
    now: () => site.nowMs,
    ask: async (tokenSha256) => {
      site.asked.push(tokenSha256)
      if (site.answer instanceof Error) throw site.answer
      return site.answer
    },
  })
  return { site, tokens }
}

test('the site is asked once a minute for each run, by the hash of its token, also when many files are asked for', async (t) => {
  const { site, tokens } = tokensOf()
  const all = await Promise.all(Array.from({ length: 20 }, async () => tokens.standingOf('run_secret')))
  t.true(all.every((standing) => standing === all[0]))
  t.deepEqual(all[0], content)
  t.is(site.asked.length, 1)
  t.regex(site.asked[0] ?? '', /^[0-9a-f]{64}$/)
  site.nowMs = freshMs - 1
  await tokens.standingOf('run_secret')
  t.is(site.asked.length, 1)
  site.nowMs = freshMs
  await tokens.standingOf('run_secret')
  t.is(site.asked.length, 2)
})

test('a run that has ended is refused within a minute', async (t) => {
  const { site, tokens } = tokensOf()
  await tokens.standingOf('run_secret')
  site.answer = { known: false }
  site.nowMs = freshMs
  t.is(await tokens.standingOf('run_secret'), 'unknown')
  site.answer = new Error('away')
  t.is(await tokens.standingOf('run_secret'), 'cannot-ask', 'nothing of it is remembered')
})

test('while the site is away its word counts for an hour, and for those it spoke of only', async (t) => {
  const { site, tokens } = tokensOf()
  await tokens.standingOf('run_secret')
  site.answer = new Error('away')
  t.is(await tokens.standingOf('run_other'), 'cannot-ask')
  for (const nowMs of [freshMs, survivesMs / 2, survivesMs - 1]) {
    site.nowMs = nowMs
    t.deepEqual(await tokens.standingOf('run_secret'), content)
  }
  site.nowMs = survivesMs
  t.is(await tokens.standingOf('run_secret'), 'cannot-ask')
  site.answer = { known: true, content }
  t.deepEqual(await tokens.standingOf('run_secret'), content)
})

test('a point that the site does not know any more forgets what it was told', async (t) => {
  const { site, tokens } = tokensOf()
  await tokens.standingOf('run_secret')
  site.answer = new NotAPoint('no')
  site.nowMs = freshMs
  t.is(await tokens.standingOf('run_secret'), 'cannot-ask')
  site.answer = new Error('away')
  t.is(await tokens.standingOf('run_secret'), 'cannot-ask')
})
