/** Templates of deployments over the API: what they keep, what they leave out, and what a deployment made from one has. */

import test, { type ExecutionContext } from 'ava'
import { taskSequence, saved } from '../store/site-builders.ts'
import { openTestSite, type TestSite } from './test-site.ts'

interface Prepared {
  readonly site: TestSite
  /** Names a sequence and a collection. */
  readonly where: { readonly taskSequenceId: string; readonly collectionId: string }
}

async function prepare(t: ExecutionContext): Promise<Prepared> {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const { id } = saved(await site.store.taskSequences.create(taskSequence({ children: [] })))
  return { site, where: { taskSequenceId: id, collectionId: 'RVL10001' } }
}

const settings = {
  purpose: 'required',
  makeAvailableTo: 'clients',
  sendWakeUpPackets: true,
  allowMeteredConnection: true,
  runIndependentlyOfAssignments: false,
  contentOption: 'download-before-start',
  failureAlert: { abovePercent: 10 },
}

test('S5-005: a template saved from a deployment keeps neither its times nor its windows, and makes further ones', async (t) => {
  const { site, where } = await prepare(t)
  const made = await site.api('POST', '/deployments', {
    ...where,
    ...settings,
    softwareInstallationOutsideWindow: true,
    successAlert: { belowPercent: 90, atMs: 1_900_000_000_000 },
    expiresAtMs: 1_950_000_000_000,
    clientSchedule: { assignments: [], rerun: 'never' },
  })
  t.is(made.status, 201, made.body.toString())
  const template = await site.api('POST', '/deployment-templates', { name: 'Quiet', deploymentId: made.json['id'] })
  t.is(template.status, 201, template.body.toString())
  t.like(template.json, { name: 'Quiet', description: '', revision: 1 })
  t.deepEqual(template.json['settings'], {
    ...settings,
    showTaskSequenceProgress: true,
    systemRestartOutsideWindow: false,
    allowInternetClients: false,
    useRemoteDistributionPoint: false,
    useDefaultSiteDistributionPoint: true,
    useDefaultDistributionPointGroups: false,
    distributeDependencies: false,
  })

  const templateId = template.json['id']
  const further = await site.api('POST', '/deployments', { ...where, templateId, allowMeteredConnection: false })
  t.is(further.status, 201, further.body.toString())
  t.like(further.json, {
    ...settings,
    allowMeteredConnection: false,
    softwareInstallationOutsideWindow: false,
    successAlert: undefined,
    expiresAtMs: undefined,
    clientSchedule: { assignments: [], rerun: 'always' },
  })
  const changed = { name: 'Quiet', settings: { purpose: 'available', makeAvailableTo: 'clients' } }
  t.is((await site.api('PUT', `/deployment-templates/${String(templateId)}`, changed)).status, 200)
  const kept = await site.api('GET', `/deployments/${String(further.json['id'])}`)
  t.like(kept.json, { purpose: 'required', sendWakeUpPackets: true }, 'a deployment does not change with its template')
  t.is((await site.api('DELETE', `/deployment-templates/${String(templateId)}`)).status, 204)
  const { json } = await site.api('GET', '/audit?kind=deployment-template')
  t.is((json['items'] as readonly unknown[]).length, 3)
})

test('S5-005: what a template cannot be is refused with the reason', async (t) => {
  const { site, where } = await prepare(t)
  const refused = async (path: string, body: object, message: RegExp): Promise<void> => {
    const answer = await site.api('POST', path, body)
    t.is(answer.status, 422)
    t.regex(answer.body.toString(), message)
  }
  await refused('/deployment-templates', { name: 'Empty' }, /name a deployment/)
  await refused('/deployment-templates', { name: 'None', deploymentId: 'RVL2FFFF' }, /there is no deployment RVL2FFFF/)
  const timed = { ...settings, successAlert: { belowPercent: 90, atMs: 1 } }
  await refused('/deployment-templates', { name: 'Timed', settings: timed }, /successAlert/)
  const woken = { purpose: 'available', makeAvailableTo: 'clients', sendWakeUpPackets: true }
  await refused('/deployment-templates', { name: 'Woken', settings: woken }, /settings\.sendWakeUpPackets/)
  await refused('/deployments', { ...where, templateId: '9' }, /there is no template 9/)
  await refused('/deployments', where, /purpose.*is needed, unless a template has it/)
  const first = await site.api('POST', '/deployment-templates', { name: 'One', settings })
  t.is(first.status, 201)
  const twin = await site.api('POST', '/deployment-templates', { name: 'one', settings })
  t.is(twin.status, 409)
  t.regex(twin.body.toString(), /taken by One/)
  const both = { name: 'Both', settings, deploymentId: 'RVL20001' }
  await refused('/deployment-templates', both, /send one of the two/)
})

test('a deployment keeps purpose, audience and suspension that are not sent again, and takes no template later', async (t) => {
  const { site, where } = await prepare(t)
  const made = await site.api('POST', '/deployments', { ...where, purpose: 'available', makeAvailableTo: 'clients' })
  const path = `/deployments/${String(made.json['id'])}`
  const kept = await site.api('PUT', path, { ...where, comment: 'as it was' })
  t.like(kept.json, { purpose: 'available', makeAvailableTo: 'clients', comment: 'as it was' })
  t.false((await site.api('PUT', path, { ...where, enabled: false })).json['enabled'])
  t.false((await site.api('PUT', path, where)).json['enabled'], 'who edits a suspended one does not let it go on')
  const late = await site.api('PUT', path, { ...where, templateId: '1' })
  t.is(late.status, 422)
  t.regex(late.body.toString(), /a template is for a new deployment/)
})
