/** Collections over the API: rules with all their faults, members with reasons, what is tried and not saved, variables in effect. */

import test from 'ava'
import { z } from 'zod'
import { openTestSite, type Answer, type TestSite } from './test-site.ts'

let site: TestSite
const ids = { pc1: '', pc2: '', lab: '' }
test.before(async () => {
  site = await openTestSite()
  ids.pc1 = await create('/devices', { name: 'PC-1', variables: [{ name: 'Role', value: 'desk' }] })
  ids.pc2 = await create('/devices', { name: 'PC-2' })
  ids.lab = await create('/collections', { name: 'Lab', directMembers: [ids.pc1] })
})
test.after.always(() => site.close())

async function create(path: string, draft: object): Promise<string> {
  const { status, json, body } = await site.api('POST', path, draft)
  if (status !== 201) throw new Error(body.toString())
  return String(json['id'])
}

const listOf = (answer: Answer) => z.array(z.looseObject({})).parse(answer.json['items'])
const faultsOf = (answer: Answer) =>
  z.array(z.object({ path: z.string(), message: z.string() })).parse(answer.json['faults'])

test.serial(
  'S9-007, S9-008: a collection with every rule is created, shown and changed, and counts its members',
  async (t) => {
    const rules = {
      directMembers: [ids.pc2],
      unknownComputers: [],
      includes: [ids.lab],
      excludes: [],
      queries: ['name like "pc-%"'],
      limitingCollectionId: 'RVL10001',
    }
    const created = await site.api('POST', '/collections', { name: 'Every rule', ...rules })
    t.is(created.status, 201, created.body.toString())
    t.like(created.json, { ...rules, memberCount: 2 })
    const path = `/collections/${String(created.json['id'])}`
    const changed = await site.api('PUT', path, { name: 'Every rule', excludes: [ids.lab], queries: rules.queries })
    t.like(changed.json, { excludes: [ids.lab], includes: [], memberCount: 1 })
    t.false('limitingCollectionId' in changed.json)
    const listed = listOf(await site.api('GET', '/collections')).find(({ id }) => id === created.json['id'])
    t.is(listed?.['memberCount'], 1)
    t.deepEqual(listOf(await site.api('GET', `${path}/members`)), [
      { kind: 'device', id: ids.pc2, name: 'PC-2', because: [{ rule: 'query', query: 'name like "pc-%"' }] },
    ])
    t.is((await site.api('DELETE', path)).status, 204)
    t.is((await site.api('GET', `${path}/members`)).status, 404)
  },
)

test.serial('S9-008: every fault of the rules is listed with its place', async (t) => {
  const draft = {
    name: 'Faulty',
    includes: ['RVL1FFFF'],
    unknownComputers: ['x64'],
    queries: ['name = "ok"', 'colour = "red" or size > 3'],
  }
  for (const [path, body] of [
    ['/collections', draft],
    ['/collections/preview', draft],
  ] as const) {
    const answer = await site.api('POST', path, body)
    t.is(answer.status, 422)
    const faults = faultsOf(answer)
    t.deepEqual(
      faults.map((fault) => fault.path),
      ['includes[0]', 'unknownComputers', 'queries[1]', 'queries[1]'],
    )
    t.regex(faults[3]?.message ?? '', /^at character 19: there is no property size/)
  }
})

test.serial('S9-008: a cycle is refused with the way it takes', async (t) => {
  const outer = await create('/collections', { name: 'Outer', includes: [ids.lab] })
  const answer = await site.api('PUT', `/collections/${ids.lab}`, { name: 'Lab', excludes: [outer] })
  t.is(answer.status, 422)
  t.deepEqual(faultsOf(answer), [
    {
      path: 'excludes[0]',
      message: `its rules lead back to it: Lab (${ids.lab}) excludes Outer (${outer}) includes Lab (${ids.lab})`,
    },
  ])
  const tried = await site.api('POST', '/collections/preview', { collectionId: ids.lab, excludes: [outer] })
  t.is(faultsOf(tried).length, 1)
  const refused = await site.api('DELETE', `/collections/${ids.lab}`)
  t.is(refused.status, 409)
  t.is(refused.json['detail'], `collection Outer (${outer}) uses it`)
  t.is((await site.api('DELETE', `/collections/${outer}`)).status, 204)
})

test.serial('S9-008: rules are tried without saving them, page by page', async (t) => {
  const body = { queries: ['name like "pc-%"'] }
  const first = await site.api('POST', '/collections/preview?limit=1', body)
  t.is(first.status, 200, first.body.toString())
  t.is(first.json['total'], 2)
  t.is(listOf(first)[0]?.['name'], 'PC-1')
  t.is(listOf(await site.api('POST', '/collections/preview?limit=1&offset=1', body))[0]?.['name'], 'PC-2')
  t.is((await site.api('POST', '/collections/preview', { collectionId: 'RVL1FFFF' })).status, 404)
  const unknown = { limitingCollectionId: 'RVL10002', queries: ['architecture != "x86"'] }
  const found = await site.api('POST', '/collections/preview', unknown)
  t.deepEqual(
    listOf(found).map(({ kind, architecture }) => [kind, architecture]),
    [
      ['unknown-computer', 'x64'],
      ['unknown-computer', 'arm64'],
    ],
  )
})

test.serial('S9-006: a built-in collection takes variables, and no rules', async (t) => {
  const answer = await site.api('PUT', '/collections/RVL10001', { name: 'All Systems', queries: ['name is known'] })
  t.deepEqual(faultsOf(answer), [
    { path: 'queries', message: 'All Systems is built in: its members cannot be changed' },
  ])
  t.is((await site.api('PUT', '/collections/RVL10001', { name: 'All Systems', variablePriority: 2 })).status, 200)
})

test.serial(
  'S1-063..S1-066, S9-013: variables in effect say where they come from and what they overrode',
  async (t) => {
    const secret = { name: 'ROLE', value: 'canary-77', secret: true }
    const strong = { name: 'Strong', directMembers: [ids.pc1], variables: [secret], variablePriority: 5 }
    const weak = {
      name: 'Weak',
      directMembers: [ids.pc1],
      variables: [
        { name: 'role', value: 'weak' },
        { name: 'Site', value: 'North' },
      ],
    }
    const [strongId, weakId] = [await create('/collections', strong), await create('/collections', weak)]
    const answer = await site.api('GET', `/devices/${ids.pc1}/effective-variables`)
    const fromStrong = { kind: 'collection', collectionId: strongId, name: 'Strong', priority: 5 }
    const fromWeak = { kind: 'collection', collectionId: weakId, name: 'Weak', priority: 1 }
    t.deepEqual(listOf(answer), [
      {
        name: 'Role',
        value: 'desk',
        secret: false,
        from: { kind: 'device' },
        overrides: [
          { value: '***', secret: true, from: fromStrong },
          { value: 'weak', secret: false, from: fromWeak },
        ],
      },
      { name: 'Site', value: 'North', secret: false, from: fromWeak, overrides: [] },
    ])
    t.false(answer.body.includes('canary'))
    t.is((await site.api('GET', '/devices/99/effective-variables')).status, 404)
    const mine = listOf(await site.api('GET', `/devices/${ids.pc1}/collections`)).map(({ name }) => name)
    t.true(['All Systems', 'Lab', 'Strong', 'Weak'].every((name) => mine.includes(name)))
    t.is((await site.api('GET', '/devices/99/collections')).status, 404)
  },
)

test.serial('S1-066: unknown computers get the variables of their collections', async (t) => {
  const variables = [{ name: 'Key', value: 'canary-78', secret: true }]
  t.is((await site.api('PUT', '/collections/RVL10002', { name: 'All Unknown Computers', variables })).status, 200)
  const answer = await site.api('GET', '/unknown-computers/arm64/effective-variables')
  const from = { kind: 'collection', collectionId: 'RVL10002', name: 'All Unknown Computers', priority: 1 }
  t.deepEqual(listOf(answer), [{ name: 'Key', value: '***', secret: true, from, overrides: [] }])
  t.is((await site.api('GET', '/unknown-computers/sparc/effective-variables')).status, 404)
})
