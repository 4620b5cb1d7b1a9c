/** Child task sequences at the door: what is refused when saving, and what a machine gets. */

import test from 'ava'
import { z } from 'zod'
import { kindOf, mac, prepare, start } from './agent-site.ts'
import { TestAgent, type TestSite } from './test-site.ts'

const command = { name: 'Command', action: { type: 'run-command-line', commandLine: 'true' } }

function runs(taskSequenceId: unknown): unknown {
  return { name: 'Child', action: { type: 'run-task-sequence', taskSequenceId } }
}

async function create(site: TestSite, name: string, children: readonly unknown[], more: object = {}) {
  return site.api('POST', '/task-sequences', { sequence: { name, children }, ...more })
}

async function addChild(site: TestSite, taskSequenceId: string, child: unknown) {
  const { json } = await site.api('GET', `/task-sequences/${taskSequenceId}`)
  const sequence = z.looseObject({ children: z.array(z.unknown()) }).parse(json['sequence'])
  const { bootImageId } = json
  const children = [...sequence.children, child]
  return site.api('PUT', `/task-sequences/${taskSequenceId}`, { bootImageId, sequence: { ...sequence, children } })
}

test('S1-074 S1-086: cycles, missing children and children with a boot image are refused when saving', async (t) => {
  const { site, taskSequenceId } = await prepareWithId()
  t.teardown(() => site.close())
  const faultsOf = (answer: { readonly json: Record<string, unknown> }) =>
    z.array(z.object({ path: z.string(), message: z.string() })).parse(answer.json['faults'])
  const one = await create(site, 'One', [command])
  t.is(one.status, 201)
  const two = await create(site, 'Two', [{ name: 'G', children: [runs(one.json['id'])] }])
  t.is(two.status, 201, two.body.toString())
  const circle = await addChild(site, String(one.json['id']), runs(two.json['id']))
  t.is(circle.status, 422)
  t.deepEqual(faultsOf(circle), [
    {
      path: 'sequence.children[1].action.taskSequenceId',
      message: 'One > Two > One: a task sequence cannot run itself.',
    },
  ])
  const missing = await create(site, 'Three', [runs('RVL0FFFE')])
  t.deepEqual(faultsOf(missing), [
    { path: 'sequence.children[0].action.taskSequenceId', message: 'there is no task sequence RVL0FFFE' },
  ])
  const booted = await create(site, 'Four', [runs(taskSequenceId)])
  t.regex(faultsOf(booted)[0]?.message ?? '', /^Four > Install: a task sequence that has a boot image cannot/)
})

test('S1-085: a machine gets one sequence, with what the children need, and the run shows them', async (t) => {
  const prepared = await prepareWithId()
  const { site, taskSequenceId, otherImageId } = prepared
  t.teardown(() => site.close())
  const image = { name: 'Data', action: { type: 'apply-operating-system-image', imageId: otherImageId } }
  const inner = await create(site, 'Inner', [image])
  const outer = await create(site, 'Outer', [runs(inner.json['id'])], { enabled: false })
  t.is((await addChild(site, taskSequenceId, runs(outer.json['id']))).status, 200)
  const { answer, runId } = await start(prepared)
  t.is(answer.status, 200, answer.body.toString())
  const policy = z
    .object({
      sequence: z.object({ children: z.array(z.unknown()) }),
      content: z.array(z.looseObject({ id: z.string() })),
    })
    .parse(answer.json['policy'])
  t.deepEqual(policy.content.map(({ id }) => id).toSorted(), [prepared.imageId, otherImageId].toSorted())
  t.like(policy.sequence.children[1], {
    kind: 'group',
    name: 'Child',
    taskSequence: { id: outer.json['id'], name: 'Outer', revision: 1, enabled: false },
  })
  const { json } = await site.api('GET', `/runs/${runId}`)
  t.deepEqual(
    z
      .array(z.looseObject({ name: z.string() }))
      .parse(json['steps'])
      .map(({ name, taskSequence }) => [name, taskSequence]),
    [
      ['Apply', undefined],
      ['Child', { id: outer.json['id'], name: 'Outer' }],
      ['Child', { id: inner.json['id'], name: 'Inner' }],
      ['Data', undefined],
    ],
  )
})

test('A04: a secret in a child asks for approval as one of the sequence itself does', async (t) => {
  const { site, taskSequenceId } = await prepareWithId()
  t.teardown(() => site.close())
  const secret = { type: 'set-task-sequence-variable', variable: 'Pin', value: 'canary-4711', secret: true }
  const child = await create(site, 'Child', [{ name: 'Set', action: secret }])
  t.is(kindOf(await new TestAgent(mac).sayHello(site)), 'armed')
  t.is((await addChild(site, taskSequenceId, runs(child.json['id']))).status, 200)
  t.is(kindOf(await new TestAgent(mac).sayHello(site)), 'waiting-for-approval')
})

async function prepareWithId() {
  const prepared = await prepare()
  const { json } = await prepared.site.api('GET', `/deployments/${prepared.deploymentId}`)
  return { ...prepared, taskSequenceId: String(json['taskSequenceId']) }
}
