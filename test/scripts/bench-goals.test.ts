/** The bench's judgement: which figure is compared with what, and what is said where there is none. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { alone, parseBenchOptions } from '../../scripts/bench/options.ts'
import { benchCases } from '../../scripts/bench/cases.ts'
import { type CaseResults, type Goal, judge } from '../../scripts/bench/goal.ts'
import { type Figures, LoadMeter, Tally } from '../../scripts/bench/load-result.ts'
import { printGoals } from '../../scripts/bench/results.ts'
import { judgeSoak } from '../../scripts/bench/soak.ts'
import { WatchedFrames } from '../../scripts/bench/watched-frames.ts'
import { root } from '../../scripts/root.ts'
import { clockMs, stampOf, stampsIn } from '../../scripts/bench/stamp.ts'

const result = (figures: Figures) => ({ figures, repeats: 0, busy: 0.5 })
const results = (ours: readonly (Figures | string)[], theirs: readonly (Figures | string)[]): CaseResults => {
  const rounds = (all: readonly (Figures | string)[]) => all.map((one) => (typeof one === 'string' ? one : result(one)))
  return new Map([
    ['reveille', rounds(ours)],
    ['dnsmasq', rounds(theirs)],
  ])
}
const rates = (...all: readonly number[]) => all.map((rate) => ({ rate }))
const twice: Goal = { figure: 'rate', beside: 'dnsmasq', least: 2 }

test('the median of the ratios of each round counts, not the ratio of the medians', (t) => {
  const found = judge(twice, results(rates(10, 30, 40), rates(10, 10, 20)), 'reveille')
  t.deepEqual(found.rounds, [1, 3, 2])
  t.is(found.found, 2)
  t.is(found.verdict, 'met')
  t.is(found.goal, '>= 2 x dnsmasq')
})

test('a goal that is a bound from above, and one that is no ratio', (t) => {
  const all = results([{ p99Ms: 9 }, { p99Ms: 12 }, { p99Ms: 11 }], [{ p99Ms: 20 }, { p99Ms: 20 }, { p99Ms: 20 }])
  t.is(judge({ figure: 'p99Ms', most: 10 }, all, 'reveille').verdict, 'NOT MET')
  t.is(judge({ figure: 'p99Ms', beside: 'dnsmasq', most: 0.6 }, all, 'reveille').verdict, 'met')
  t.is(judge({ figure: 'p99Ms', most: 10 }, all, 'reveille').goal, 'p99 <= 10 ms')
})

test('a round without a figure is left out, and without any the reason is told', (t) => {
  const some = judge(twice, results([{ rate: 5 }, 'it fell'], rates(1, 1)), 'reveille')
  t.deepEqual(some.rounds, [5])
  const none = judge(twice, results(rates(5), ['it did not start']), 'reveille')
  t.is(none.verdict, 'not measured here')
  t.deepEqual(none.notes, ['dnsmasq: it did not start'])
  t.deepEqual(judge(twice, results(rates(5), rates(0)), 'reveille').notes, ['dnsmasq has no such figure'])
})

test('the table has a row for each goal, and those that cannot be measured when all was asked for', (t) => {
  const bench = benchCases.find(({ name }) => name === 'lock step, 50 clients')
  t.truthy(bench)
  if (bench === undefined) return
  const all = [{ bench, results: results(rates(12), rates(10)) }]
  t.is(printGoals(all, false).split('\n').length, 1 + bench.goals.length)
  t.regex(printGoals(all, false), /tftp lock step, 50 clients +>= 1.15 x dnsmasq +1.20 +met/)
  t.regex(printGoals(all, false), />= 2.3 x tftpd-hpa +- +not measured here/)
  t.regex(printGoals(all, true), /none lost on kill -9 .*test\/store\/kill.test.ts/)
})

test('each goal is beside a server that its case measures', (t) => {
  t.true(benchCases.length > 30)
  for (const { goals, servers, name } of benchCases) {
    for (const { beside, ours = 'reveille' } of goals) {
      t.true(servers.includes(ours), name)
      t.true(beside === undefined || servers.includes(beside), name)
    }
  }
  t.is(new Set(benchCases.map(({ protocol, name }) => `${protocol} ${name}`)).size, benchCases.length)
})

test('the README has a row for each case, with its goals', (t) => {
  const readme = readFileSync(join(root, 'scripts/bench/README.md'), 'utf8')
  for (const { protocol, name, goals } of benchCases) {
    const texts = goals.map(({ ours, ...goal }) => {
      const text = judge(goal, new Map(), 'reveille').goal
      return ours === undefined ? text : `${text} (${ours})`
    })
    t.true(readme.includes(`| ${protocol}: ${name} | ${texts.join('; ')} |\n`), `${protocol} ${name}`)
  }
})

test('words choose what is measured; the soak is only for those who ask', (t) => {
  const all = parseBenchOptions([])
  t.deepEqual([all.cases, all.alone, all.soakMinutes, all.isWhole], [benchCases, alone, undefined, true])
  const some = parseBenchOptions(['--only', 'tftp', '--case', 'window 4', '--quick'])
  t.true(
    some.cases.length > 0 && some.cases.every(({ protocol, name }) => protocol === 'tftp' && /window 4/.test(name)),
  )
  t.deepEqual([some.alone, some.rounds, some.isWhole], [[], 1, false])
  const soak = parseBenchOptions(['--only', 'soak', '--minutes', '3'])
  t.deepEqual([soak.cases, soak.alone, soak.soakMinutes], [[], [], 3])
  for (const wrong of [
    ['--only', 'nothing'],
    ['--minutes', '3'],
    ['--only', 'soak', '--minutes', '0'],
    ['--rounds', '0'],
  ]) {
    t.throws(() => parseBenchOptions(wrong), undefined, wrong.join(' '))
  }
})

const samples = (kilobytes: (index: number) => number, descriptors: (index: number) => number = () => 50) =>
  Array.from({ length: 100 }, (_, index) => ({
    atMs: index * 1_000,
    kilobytes: kilobytes(index),
    descriptors: descriptors(index),
  }))

test('a soak is flat when the end is as the middle, however the start was and however garbage comes and goes', (t) => {
  const flat = judgeSoak(samples((index) => (index < 20 ? index * 5_000 : 100_000) + (index % 7) * 9_000))
  t.deepEqual(flat.faults, [])
  t.is(flat.start.kilobytes, 0)
  t.deepEqual(judgeSoak(samples((index) => (index > 40 && index < 60 ? 70_000 : 100_000))).faults, [])
  t.is(flat.end.kilobytes, 100_000)
})

test('a soak is not flat when memory or descriptors grow from the middle to the end', (t) => {
  t.regex(judgeSoak(samples((index) => 100_000 + index * 1_000)).faults.join(' '), /memory grew/)
  const leaking = judgeSoak(
    samples(
      () => 100_000,
      (index) => 50 + index,
    ),
  )
  t.regex(leaking.faults.join(' '), /descriptors grew/)
  t.regex(judgeSoak([]).faults.join(' '), /too short/)
})

test('only what happens between warm-up and end is counted', (t) => {
  const meter = new LoadMeter({ warmUpMs: 100, measureMs: 200 })
  const tally = new Tally(meter)
  t.true(meter.goesOn(1_000))
  tally.add(5)
  t.true(meter.goesOn(1_100))
  tally.add(7)
  t.true(meter.goesOn(1_299))
  t.false(meter.goesOn(1_300))
  t.is(tally.amount, 7)
})

test('what was divided by nothing is no figure, so that no goal is met by it', (t) => {
  const meter = new LoadMeter({ warmUpMs: 0, measureMs: 10 })
  meter.goesOn(performance.now())
  const { figures } = meter.result({ amount: 0 })
  t.is(figures.rate, 0)
  t.false('cpuMs' in figures)
  t.deepEqual(JSON.parse(JSON.stringify(figures)), figures)
})

test('pages: each stamp is a wait of each page, and equal frames are read once', (t) => {
  const meter = new LoadMeter({ warmUpMs: 0, measureMs: 1_000 })
  meter.goesOn(performance.now())
  const frames = new WatchedFrames(meter)
  const frame = (seq: number): Buffer =>
    Buffer.from(JSON.stringify({ kind: 'changes', seq, lanes: [stampOf(1), stampOf(1), stampOf(2)] }))
  const one = frame(1)
  for (let page = 0; page < 3; page++) frames.take(one)
  frames.take(Buffer.from('{"kind":"still-here","seq":1}'))
  t.is(frames.frames.amount, 3)
  t.is(frames.waits.count, 3 * stampsIn(one.toString()).length)
  t.throws(() => frames.take(Buffer.from('{"kind":"changes","seq":2,cut')))
  t.true(frames.waits.percentile(1) < clockMs())
})
