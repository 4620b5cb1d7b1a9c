/** Required deployments that replace systems, and how many machines they reach (S5-039 to S5-042). */

import test from 'ava'
import { parseDeviceId } from '../../server/address/identifiers.ts'
import type { KeptInventory } from '../../server/site/inventory.ts'
import { inventory } from '../store/site-builders.ts'
import { mac, prepare } from './agent-site.ts'
import { ownMacAddress, TestAgent, type TestSite } from './test-site.ts'

async function makeCollection(site: TestSite, members: number): Promise<{ id: string; devices: readonly string[] }> {
  const devices: string[] = []
  for (let number = 0; number < members; number += 1) {
    const made = await site.api('POST', '/devices', { name: `PC-R${number}` })
    devices.push(String(made.json['id']))
  }
  const made = await site.api('POST', '/collections', { name: 'Risky', directMembers: devices })
  return { id: String(made.json['id']), devices }
}

async function deploy(site: TestSite, collectionId: string, changes: object = {}) {
  const [sequence] = await site.store.taskSequences.list()
  const draft = { taskSequenceId: sequence?.id, collectionId, purpose: 'required', makeAvailableTo: 'media-and-pxe' }
  return site.api('POST', '/deployments', { ...draft, ...changes })
}

const limits = (site: TestSite, body: object) => site.api('PUT', '/start-guard/limits', body)

test('S5-039, S5-041, A5-03: more members than is usual are accepted by somebody, who is named, and the audit tells', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  t.is((await limits(site, { highRiskDefaultSize: 2 })).status, 200)
  const { id } = await makeCollection(site, 3)
  const refused = await deploy(site, id)
  t.is(refused.status, 422)
  t.regex(refused.body.toString(), /"acceptRisk"[^]*Risky has 3 members[^]*more than 2/)
  const made = await deploy(site, id, { acceptRisk: true })
  t.is(made.status, 201, made.body.toString())
  t.is(made.json['riskAcceptedBy'], 'administrator (preset token)')
  const [entry] = await site.store.auditEntries({ kind: 'deployment', limit: 1 })
  t.true(entry?.changes.some(({ field }) => field === 'riskAcceptedBy'))
  const small = String((await site.api('POST', '/collections', { name: 'Small' })).json['id'])
  t.is((await deploy(site, small, { acceptRisk: true })).json['riskAcceptedBy'], undefined, 'nobody had to')
  // What is available starts with a person in front of it.
  t.is((await deploy(site, id, { purpose: 'available' })).status, 201)
})

test('S5-039, A5-04: more than the maximum are never accepted, and the maximum exceeds the default', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  t.is((await limits(site, { highRiskDefaultSize: 2, highRiskMaximumSize: 2 })).status, 422)
  t.is((await limits(site, { highRiskDefaultSize: 1, highRiskMaximumSize: 2 })).status, 200)
  t.is((await limits(site, { highRiskDefaultSize: 5 })).status, 422)
  const { id } = await makeCollection(site, 3)
  const refused = await deploy(site, id, { acceptRisk: true })
  t.is(refused.status, 422)
  t.regex(refused.body.toString(), /more than 2 are never accepted/)
})

test('S5-042: it is asked when the deployment is made, and not when its collection has grown', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  await limits(site, { highRiskDefaultSize: 2 })
  const { id, devices } = await makeCollection(site, 3)
  await site.api('PUT', `/collections/${id}`, { name: 'Risky', directMembers: devices.slice(0, 2) })
  const made = await deploy(site, id)
  t.is(made.status, 201, made.body.toString())
  await site.api('PUT', `/collections/${id}`, { name: 'Risky', directMembers: devices })
  const { createdAtMs: _, id: deployment, revision: __, ...draft } = made.json
  t.is((await site.api('PUT', `/deployments/${String(deployment)}`, { ...draft, comment: 'later' })).status, 200)
})

test('S5-037: what replaces nothing is no risk, however many machines it reaches', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  await limits(site, { highRiskDefaultSize: 1 })
  const { id } = await makeCollection(site, 2)
  const step = { name: 'Say', action: { type: 'run-command-line', commandLine: 'true' } }
  const boot = (await site.store.bootImages.list())[0]?.id
  const made = await site.api('POST', '/task-sequences', {
    bootImageId: boot,
    sequence: { name: 'Say', children: [step] },
  })
  t.is((await deploy(site, id, { taskSequenceId: made.json['id'] })).status, 201)
})

test('S5-041: above a size a second person approves, and until then it starts nowhere', async (t) => {
  const { site, deploymentId: other } = await prepare()
  t.teardown(() => site.close())
  await limits(site, { secondApprovalAbove: 1 })
  const { id } = await makeCollection(site, 2)
  await site.api('PUT', `/collections/${id}`, {
    name: 'Risky',
    directMembers: (await site.store.devices.list()).map((one) => one.id),
  })
  const made = await deploy(site, id)
  t.deepEqual(made.json['secondApproval'], { askedBy: 'administrator (preset token)' })
  const deployment = String(made.json['id'])
  const agent = new TestAgent(mac)
  const offered = async () => JSON.stringify((await agent.sayHello(site)).json['machine'])
  t.true((await offered()).includes(other))
  t.false((await offered()).includes(deployment))
  const rejected = JSON.stringify((await site.api('GET', `/boot-preview?mac=${mac}`)).json['rejected'])
  t.regex(rejected, /it waits for somebody else than administrator \(preset token\) to approve it/)
  const own = await site.api('POST', `/deployments/${deployment}/approve`)
  t.is(own.status, 409)
  t.regex(own.body.toString(), /somebody else has to approve it/)
  // Whoever made it cannot take it away by an edit, either.
  const { createdAtMs: _, id: __, revision: ___, secondApproval: ____, riskAcceptedBy: _____, ...draft } = made.json
  t.is((await site.api('PUT', `/deployments/${deployment}`, { ...draft, comment: 'mine' })).status, 200)
  t.false((await offered()).includes(deployment))
  const token = String((await site.api('POST', '/tokens', { name: 'second' })).json['token'])
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const approved = await site.ask('POST', `/api/v1/deployments/${deployment}/approve`, { headers })
  t.is(approved.status, 200, approved.body.toString())
  t.deepEqual(approved.json['secondApproval'], {
    askedBy: 'administrator (preset token)',
    approvedBy: 'second (API token)',
  })
  t.true((await offered()).includes(deployment))
  t.is((await site.ask('POST', `/api/v1/deployments/${deployment}/approve`, { headers })).status, 409)
  t.is((await site.api('POST', `/deployments/${other}/approve`)).status, 409)
  // What was approved is not what it would become.
  const edit = async (change: object) => site.api('PUT', `/deployments/${deployment}`, { ...draft, ...change })
  t.like((await edit({ comment: 'again' })).json['secondApproval'], { approvedBy: 'second (API token)' })
  const changed = await edit({ canary: { machines: 1, failuresMax: 0 } })
  t.deepEqual(changed.json['secondApproval'], { askedBy: 'administrator (preset token)' })
  t.false((await offered()).includes(deployment))
})

const serverInventory = (change: Partial<KeptInventory>) => inventory({ startedFrom: 'installed-system', ...change })

test('S5-041: a collection with servers in it is accepted by somebody, who reads their names', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  const { id, devices } = await makeCollection(site, 3)
  const [rack, windows] = devices.map((device) => parseDeviceId(device))
  if (rack === undefined || windows === undefined) return t.fail('there are three')
  t.is((await deploy(site, id)).status, 201, 'nobody knows of a server yet')
  await site.store.keepInventory(rack, serverInventory({ chassisType: 0x17 }))
  await site.store.keepInventory(windows, serverInventory({ operatingSystem: { name: 'Windows Server 2022' } }))
  const refused = await deploy(site, id)
  t.is(refused.status, 422)
  t.regex(refused.body.toString(), /"acceptRisk"[^]*Risky has servers \(PC-R0, PC-R1\)/)
  const made = await deploy(site, id, { acceptRisk: true })
  t.is(made.status, 201, made.body.toString())
  t.is(made.json['riskAcceptedBy'], 'administrator (preset token)')
  return undefined
})

test('S5-040: what would replace this very server is refused, or accepted where the site only warns', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  const device = await site.api('POST', '/devices', { name: 'deploy-1', macAddresses: [ownMacAddress] })
  const made = await site.api('POST', '/collections', { name: 'All racks', directMembers: [device.json['id']] })
  const id = String(made.json['id'])
  const blocked = await deploy(site, id, { acceptRisk: true })
  t.is(blocked.status, 422)
  t.regex(blocked.body.toString(), /deploy-1, on which this server runs[^]*never accepted/)
  t.is((await limits(site, { siteSystemServers: 'warn' })).json['siteSystemServers'], 'warn')
  t.is((await deploy(site, id)).status, 422)
  t.is((await deploy(site, id, { acceptRisk: true })).status, 201)
})

test('S5-037, S5-038, S1-083: what a child sequence replaces is as high a risk as what the sequence itself does', async (t) => {
  const { site } = await prepare()
  t.teardown(() => site.close())
  const [installs] = await site.store.taskSequences.list()
  const { json: child } = await site.api('GET', `/task-sequences/${installs?.id ?? ''}`)
  const children = await site.api('POST', '/task-sequences', {
    sequence: { ...(child['sequence'] as object), name: 'Child' },
  })
  t.is(children.status, 201, children.body.toString())
  const action = { type: 'run-task-sequence', taskSequenceId: children.json['id'] }
  const parent = await site.api('POST', '/task-sequences', {
    bootImageId: child['bootImageId'],
    sequence: { name: 'Parent', children: [{ name: 'All of it', action }] },
  })
  t.is(parent.status, 201, parent.body.toString())
  const refused = await deploy(site, 'RVL10001', { taskSequenceId: parent.json['id'] })
  t.is(refused.status, 422)
  t.regex(refused.body.toString(), /deploys an operating system, and is not required of All Systems/)
})
