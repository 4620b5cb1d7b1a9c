/** A site with one device and something deployed, for the tests of the agent's routes, and words for what comes back. */

import { z } from 'zod'
import { agentErrorCodes } from '../../server/contract/agent.ts'
import type { Lane } from '../../server/contract/progress.ts'
import type { SiteSettings } from '../../server/http/dependencies.ts'
import { rootArchive } from '../support/root-archive.ts'
import { addContent, type Answer, openTestSite, TestAgent, type TestSite } from './test-site.ts'

export const mac = '52:54:00:12:34:56'
const rootfs = Buffer.from('root file system')
export const secret = 'canary-8822'

export interface Prepared {
  readonly site: TestSite
  readonly deploymentId: string
  readonly imageId: string
  readonly otherImageId: string
}

export async function prepare(settings: Partial<SiteSettings> = {}, deployment: object = {}): Promise<Prepared> {
  const site = await openTestSite({ site: settings })
  const boot = await site.api('POST', '/boot-images', { name: 'Boot', architecture: 'x64' })
  await addContent(site, `/boot-images/${String(boot.json['id'])}`, { vmlinuz: rootfs })
  const ids = []
  for (const name of ['Wanted', 'Other']) {
    const { json } = await site.api('POST', '/operating-system-images', { name, architecture: 'x64' })
    ids.push(String(json['id']))
    await addContent(site, `/operating-system-images/${String(json['id'])}`, { 'rootfs.tar': await rootArchive(name) })
  }
  const [imageId = '', otherImageId = ''] = ids
  const device = await site.api('POST', '/devices', {
    name: 'PC1',
    macAddresses: [mac],
    variables: [{ name: 'Where', value: 'Berlin' }],
  })
  // What is required and replaces a system is not for All Systems (S5-038).
  const lab = await site.api('POST', '/collections', { name: 'Named one by one', directMembers: [device.json['id']] })
  const sequence = {
    name: 'Install',
    children: [{ name: 'Apply', action: { type: 'apply-operating-system-image', imageId } }],
  }
  const made = await site.api('POST', '/task-sequences', { bootImageId: boot.json['id'], sequence })
  const deployed = await site.api('POST', '/deployments', {
    taskSequenceId: made.json['id'],
    collectionId: 'purpose' in deployment && deployment.purpose === 'required' ? lab.json['id'] : 'RVL10001',
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe',
    ...deployment,
  })
  if (deployed.status !== 201) throw new Error(deployed.body.toString())
  return { site, deploymentId: String(deployed.json['id']), imageId, otherImageId }
}

export const approve = async (site: TestSite, hello: Answer) =>
  site.api('POST', `/agent-sessions/${String(hello.json['code'])}/approve`)

export const sessionOf = (hello: Answer) => String(hello.json['session'])
export const kindOf = (hello: Answer) => z.object({ kind: z.string() }).parse(hello.json['machine']).kind
export const codeOf = (answer: Answer) => z.enum(agentErrorCodes).parse(answer.json['code'])
export const startedEvent = { sequence: 1, atMs: 1, body: { kind: 'sequence-started' } }

export async function start(prepared: Prepared, agent = new TestAgent(mac)) {
  const hello = await agent.sayHello(prepared.site)
  const message = { deploymentId: prepared.deploymentId, variables: [{ name: 'where', value: 'Bonn', secret: false }] }
  const answer = await agent.say(prepared.site, '/agent/v1/runs', message, sessionOf(hello))
  const { runToken, runId, resumeTicket } = answer.json
  /** With the first ticket, whoever asks. */
  const resume = async (by: TestAgent) =>
    by.say(prepared.site, '/agent/v1/resume', { hello: by.hello, runId, resumeTicket: String(resumeTicket) })
  return { agent, answer, runToken: String(runToken), runId: String(runId), resume }
}

/** The lanes with everything that was noticed so far. */
export async function lanesOf({ store, clock }: TestSite): Promise<readonly Lane[]> {
  await store.observe([])
  // A write is answered after what agents said before it.
  await store.forgetExpired(clock.nowMs)
  return (await store.lanes()).lanes.map(({ lane }) => lane)
}
