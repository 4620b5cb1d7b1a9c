/** The largest task sequences that are promised: 10,000 steps, and groups as deep as a document may have them. */

import test from 'ava'
import { z } from 'zod'
import { openTestSite } from './test-site.ts'

const command = (index: number) => ({
  name: `Step ${index}`,
  condition: [{ variable: `Wanted${index % 100}`, operator: 'not-equals', value: 'no' }],
  action: { type: 'run-command-line', commandLine: `install --package ${index}` },
})

test('S1-002: a sequence of 10,000 steps is validated, stored and shown', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const children = Array.from({ length: 10_000 }, (_, index) => command(index))
  const made = await site.api('POST', '/task-sequences', { sequence: { name: 'Large', children } })
  t.is(made.status, 201, made.body.subarray(0, 500).toString())
  const { json } = await site.api('GET', `/task-sequences/${String(made.json['id'])}`)
  const sequence = z.object({ children: z.array(z.unknown()) }).parse(json['sequence'])
  t.is(sequence.children.length, 10_000)
})

test('a sequence of 10,000 steps is played against a described machine, step by step', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const children = Array.from({ length: 10_000 }, (_, index) => command(index))
  const made = await site.api('POST', '/task-sequences', { sequence: { name: 'Large', children } })
  const variables = [{ name: 'Wanted7', value: 'no' }]
  const told = await site.api('POST', `/task-sequences/${String(made.json['id'])}/dry-run`, { variables })
  t.is(told.status, 200, told.body.subarray(0, 500).toString())
  const entries = z.array(z.looseObject({ kind: z.string(), name: z.string() })).parse(told.json['entries'])
  const namesOf = (kind: string) => entries.flatMap((entry) => (entry.kind === kind ? [entry.name] : []))
  const names = children.map(({ name }) => name)
  t.deepEqual(
    namesOf('skipped'),
    names.filter((_, index) => index % 100 === 7),
  )
  t.deepEqual(
    namesOf('step'),
    names.filter((_, index) => index % 100 !== 7),
  )
  t.like(told.json['outcome'], { kind: 'succeeded' })
})

test('S1-002: groups stand in one another 64 deep', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  let child: object = command(1)
  for (let depth = 0; depth < 64; depth += 1) child = { name: `Group ${depth}`, children: [child] }
  const made = await site.api('POST', '/task-sequences', { sequence: { name: 'Deep', children: [child] } })
  t.is(made.status, 201, made.body.subarray(0, 500).toString())
})

test('D10: a body beyond the limits of its route is refused', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const deep = JSON.parse(`${'{"a":'.repeat(250)}1${'}'.repeat(250)}`)
  t.is((await site.api('POST', '/task-sequences', { sequence: deep })).status, 400)
  t.is((await site.api('POST', '/devices', { name: 'x'.repeat(1024 * 1024) })).status, 413)
})
