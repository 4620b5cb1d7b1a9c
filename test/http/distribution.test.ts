/** Distribution over the API and the points' own routes: who is to have what, who says so, and what a run is told. */

import { createHash } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import { mac, prepare as prepareSite, type Prepared, start } from './agent-site.ts'
import { rootArchive, tarOf } from '../support/root-archive.ts'
import { addContent, adminToken, type Answer, TestAgent, type TestSite } from './test-site.ts'

async function prepare(t: ExecutionContext, deployment: object = {}): Promise<Prepared> {
  const prepared = await prepareSite({}, deployment)
  t.teardown(() => prepared.site.close())
  return prepared
}

interface Point {
  readonly id: string
  readonly token: string
}

async function addPoint(site: TestSite, name: string, draft: object = {}): Promise<Point> {
  const made = await site.api('POST', '/distribution-points', { name, baseUrl: `http://${name}:8080`, ...draft })
  const id = String(made.json['id'])
  const token = await site.api('POST', `/distribution-points/${id}/token`)
  return { id, token: String(token.json['token']) }
}

async function addGroup(site: TestSite, name: string, members: readonly string[]): Promise<string> {
  return String((await site.api('POST', '/distribution-point-groups', { name, members })).json['id'])
}

const headersOf = ({ token }: Point) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' })

async function assigned(site: TestSite, point: Point): Promise<readonly string[]> {
  const { json } = await site.ask('GET', '/distribution-point/v1/assignment', { headers: headersOf(point) })
  const contents = json['contents'] as readonly { contentId: string; version: number }[]
  return contents.map(({ contentId, version }) => `${contentId} ${version}`).toSorted()
}

async function report(site: TestSite, point: Point, contents: readonly object[]): Promise<Answer> {
  const body = JSON.stringify({ contents })
  return site.ask('POST', '/distribution-point/v1/report', { headers: headersOf(point), body })
}

test('a distribution point is an object like others: names, addresses and networks are looked at, its token shown once', async (t) => {
  const { site } = await prepare(t)
  const draft = { name: 'Hall', baseUrl: 'HTTP://Hall.example.org:8080/', networks: ['10.1.7.9/16'], isDefault: true }
  const made = await site.api('POST', '/distribution-points', draft)
  t.is(made.status, 201, made.body.toString())
  t.like(made.json, { baseUrl: 'http://hall.example.org:8080', networks: ['10.1.0.0/16'], isDefault: true })
  const path = `/distribution-points/${String(made.json['id'])}`
  const token = await site.api('POST', `${path}/token`)
  t.regex(String(token.json['token']), /^point_/)
  for (const wrong of [{ baseUrl: 'ftp://hall' }, { baseUrl: 'http://a:b@hall' }, { networks: ['10.1.0.0'] }]) {
    t.is((await site.api('POST', '/distribution-points', { ...draft, name: 'Other', ...wrong })).status, 422)
  }
  t.regex(
    (await site.api('POST', '/distribution-points', { ...draft, name: 'hall' })).body.toString(),
    /is taken by Hall/,
  )
  t.is((await site.api('PUT', path, draft, { 'if-match': '"7"' })).status, 412)
  const { body } = await site.api('GET', '/audit')
  t.true(body.toString().includes('"distribution-point"'))
  t.false(body.toString().includes(String(token.json['token'])))
})

test('what is used is not removed, and the reason says by whom', async (t) => {
  const { site } = await prepare(t)
  const point = await addPoint(site, 'hall')
  const group = await addGroup(site, 'Halls', [point.id])
  const refused = await site.api('DELETE', `/distribution-points/${point.id}`)
  t.is(refused.status, 409)
  t.regex(refused.body.toString(), /group Halls \(1\) uses it/)
  const draft = { name: 'Lab', defaultDistributionPointGroups: [group] }
  const lab = await site.api('POST', '/collections', draft)
  t.deepEqual(lab.json['defaultDistributionPointGroups'], [group])
  const used = await site.api('DELETE', `/distribution-point-groups/${group}`)
  t.is(used.status, 409)
  t.regex(used.body.toString(), /collection Lab \(RVL1\w+\) uses it/)
  const none = await site.api('POST', '/collections', { name: 'None', defaultDistributionPointGroups: ['77'] })
  t.regex(none.body.toString(), /distribution point group 77 does not exist/)
  t.is((await site.api('POST', '/distribution-point-groups', { name: 'No', members: ['77'] })).status, 409)
  await site.api('PUT', `/collections/${String(lab.json['id'])}`, { name: 'Lab', defaultDistributionPointGroups: [] })
  t.is((await site.api('DELETE', `/distribution-point-groups/${group}`)).status, 204)
  t.is((await site.api('DELETE', `/distribution-points/${point.id}`)).status, 204)
  const { status } = await site.ask('GET', '/distribution-point/v1/assignment', { headers: headersOf(point) })
  t.is(status, 401, 'its token went with it')
})

test('S8-003, S8-004, S8-005: content goes to points and groups, once each, and a new version follows by itself', async (t) => {
  const { site, imageId } = await prepare(t)
  const [one, other] = [await addPoint(site, 'one'), await addPoint(site, 'other')]
  const group = await addGroup(site, 'All', [one.id, other.id])
  const path = `/operating-system-images/${imageId}`
  t.is((await site.api('POST', `${path}/distribute`, {})).status, 422)
  t.is((await site.api('POST', `${path}/distribute`, { points: ['99'] })).status, 409)
  t.is((await site.api('POST', '/packages/RVL00001/distribute', { points: [one.id] })).status, 404)
  for (const _ of [1, 2]) {
    const { json } = await site.api('POST', `${path}/distribute`, { points: [one.id], groups: [group] })
    t.deepEqual(json, { points: [one.id], groups: [group] })
  }
  t.deepEqual(await assigned(site, one), [`${imageId} 1`])
  t.deepEqual(await assigned(site, other), [`${imageId} 1`])
  await addContent(site, path, { 'rootfs.tar': await rootArchive('Newer') })
  t.deepEqual(await assigned(site, one), [`${imageId} 2`])
  t.deepEqual(await assigned(site, other), [`${imageId} 2`])
  const { items } = (await site.api('GET', '/audit?limit=100')).json as { items: { action: string; id: string }[] }
  t.is(items.filter(({ action, id }) => action === 'distribute' && id === imageId).length, 1)
  const stays = await site.api('POST', `${path}/remove-content`, { points: [one.id] })
  t.is(stays.status, 409)
  t.regex(stays.body.toString(), /has it through a group/)
  const left = await site.api('POST', `${path}/remove-content`, { groups: [group] })
  t.deepEqual(left.json, { points: [one.id], groups: [] })
  t.deepEqual(await assigned(site, other), [])
})

test('S8-006: content is removed from, and validated on, points that there are', async (t) => {
  const { site, imageId } = await prepare(t)
  const point = await addPoint(site, 'hall')
  const path = `/operating-system-images/${imageId}`
  await site.api('POST', `${path}/distribute`, { points: [point.id] })
  for (const targets of [{ points: ['99'] }, { points: [point.id, '99'] }, { groups: ['99'] }]) {
    const answer = await site.api('POST', `${path}/remove-content`, targets)
    t.is(answer.status, 404)
    t.regex(answer.body.toString(), /distribution point (group )?99/)
  }
  t.deepEqual(await assigned(site, point), [`${imageId} 1`], 'nothing was removed by halves')
  const none = await site.api('POST', `${path}/validate`, { points: [] })
  t.is(none.status, 422, none.body.toString())
  t.is((await site.api('POST', `${path}/validate`)).status, 202)
})

test('S8-007: a new member gets what its group has; who leaves a group keeps it', async (t) => {
  const { site, imageId } = await prepare(t)
  const [one, late] = [await addPoint(site, 'one'), await addPoint(site, 'late')]
  const group = await addGroup(site, 'All', [one.id])
  await site.api('POST', `/operating-system-images/${imageId}/distribute`, { groups: [group] })
  t.deepEqual(await assigned(site, late), [])
  await site.api('PUT', `/distribution-point-groups/${group}`, { name: 'All', members: [late.id] })
  t.deepEqual(await assigned(site, late), [`${imageId} 1`])
  t.deepEqual(await assigned(site, one), [`${imageId} 1`])
  t.is((await site.api('DELETE', `/distribution-point-groups/${group}`)).status, 204)
  t.deepEqual(await assigned(site, late), [`${imageId} 1`])
})

test('S5-002: a deployment sends what its sequence refers to, and the boot image, to the groups of its collection', async (t) => {
  const { site, imageId } = await prepare(t)
  const point = await addPoint(site, 'hall')
  const group = await addGroup(site, 'Halls', [point.id])
  const [sequence] = await site.store.taskSequences.list()
  const lab = await site.api('POST', '/collections', { name: 'Lab', defaultDistributionPointGroups: [group] })
  const deployment = {
    taskSequenceId: sequence?.id,
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe',
    useDefaultDistributionPointGroups: true,
  }
  const refused = await site.api('POST', '/deployments', { ...deployment, collectionId: 'RVL10001' })
  t.is(refused.status, 422)
  t.regex(refused.body.toString(), /has no default distribution point groups/)
  const made = await site.api('POST', '/deployments', { ...deployment, collectionId: lab.json['id'] })
  t.is(made.status, 201, made.body.toString())
  t.deepEqual(await assigned(site, point), [`${String(sequence?.bootImageId)} 1`, `${imageId} 1`])
})

test('S5-002: dependencies of what a sequence installs are distributed too, where that is asked for', async (t) => {
  const { site } = await prepare(t)
  const point = await addPoint(site, 'hall')
  const application = async (name: string, dependencies: readonly string[]): Promise<string> => {
    const type = {
      name: 'Script',
      installCommandLine: 'sh setup',
      contentFolder: 'files',
      detection: { kind: 'path-exists', path: '/opt/x', type: 'file' },
    }
    const draft = { name, dependencies, deploymentTypes: [type] }
    const { json, status, body } = await site.api('POST', '/applications', draft)
    t.is(status, 201, body.toString())
    const id = String(json['id'])
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/octet-stream' }
    const tree = await tarOf([{ name: 'setup', text: name }])
    const sent = await site.ask('PUT', `/api/v1/applications/${id}/content?folder=files`, { headers, body: tree })
    t.is(sent.status, 201, sent.body.toString())
    return id
  }
  const needed = await application('Library', [])
  const wanted = await application('Editor', [needed])
  const steps = [{ name: 'Install', action: { type: 'install-application', applications: [wanted] } }]
  const made = await site.api('POST', '/task-sequences', { sequence: { name: 'Editors', children: steps } })
  t.is(made.status, 201, made.body.toString())
  const deployment = { taskSequenceId: made.json['id'], collectionId: 'RVL10001', purpose: 'available' }
  const deploy = async (options: object): Promise<void> => {
    const answer = await site.api('POST', '/deployments', { ...deployment, makeAvailableTo: 'clients', ...options })
    t.is(answer.status, 201, answer.body.toString())
  }
  await site.api('POST', `/applications/${wanted}/distribute`, { points: [point.id] })
  await deploy({})
  t.deepEqual(await assigned(site, point), [`${wanted} 1`])
  await deploy({ distributeDependencies: true })
  t.deepEqual(await assigned(site, point), [`${needed} 1`, `${wanted} 1`].toSorted())
  const other = await addPoint(site, 'other')
  const path = `/task-sequences/${String(made.json['id'])}/distribute`
  const all = await site.api('POST', path, { points: [other.id] })
  t.deepEqual((all.json['contents'] as string[]).toSorted(), [needed, wanted].toSorted())
  t.deepEqual(await assigned(site, other), [`${needed} 1`, `${wanted} 1`].toSorted())
})

test('S8-012: the status of a content is what its points say of the newest version', async (t) => {
  const { site, imageId } = await prepare(t)
  const point = await addPoint(site, 'hall')
  await site.api('POST', `/operating-system-images/${imageId}/distribute`, { points: [point.id] })
  const status = async () => {
    const { json } = await site.api('GET', `/distribution-status?contentId=${imageId}`)
    return (json['items'] as readonly object[])[0]
  }
  const place = { contentId: imageId, pointId: point.id, pointName: 'hall' }
  t.deepEqual(await status(), { ...place, state: 'unknown' })
  const said = { id: imageId, version: 1, validation: 0 }
  const heardAtMs = site.clock.nowMs
  await report(site, point, [{ ...said, state: 'failed', reason: 'rootfs.tar: the disk is full' }])
  const failed = { ...place, state: 'failed', version: 1, reason: 'rootfs.tar: the disk is full', validated: true }
  t.deepEqual(await status(), { ...failed, heardAtMs })
  await site.api('POST', `/operating-system-images/${imageId}/validate`)
  await report(site, point, [{ ...said, state: 'installed', verifiedAtMs: 5 }])
  t.like(await status(), { state: 'installed', validated: false, verifiedAtMs: 5 })
  await report(site, point, [{ ...said, state: 'installed', validation: 1, verifiedAtMs: 9 }])
  t.like(await status(), { state: 'installed', validated: true, verifiedAtMs: 9 })
  t.is((await report(site, point, [{ ...said, state: 'perhaps' }])).status, 422)
  const elsewhere = await addPoint(site, 'elsewhere')
  const wrong = await site.api('POST', `/operating-system-images/${imageId}/validate`, { points: [elsewhere.id] })
  t.is(wrong.status, 409)
  t.is((await site.api('DELETE', `/operating-system-images/${imageId}`)).status, 409)
})

test('S5-032, S5-033: a run is told which points have its content, near ones first, and the site last', async (t) => {
  const { site, ...prepared } = await prepare(t, { useRemoteDistributionPoint: true })
  const { imageId } = prepared
  const near = await addPoint(site, 'near', { networks: ['127.0.0.0/8'] })
  const far = await addPoint(site, 'far', { networks: ['10.0.0.0/8'] })
  const without = await addPoint(site, 'without', { networks: ['127.0.0.0/8'], isDefault: true })
  const points = [near.id, far.id, without.id]
  await site.api('POST', `/operating-system-images/${imageId}/distribute`, { points })
  const installed = { id: imageId, version: 1, state: 'installed', validation: 0, verifiedAtMs: 1 }
  for (const point of [near, far]) await report(site, point, [installed])
  await report(site, without, [{ ...installed, state: 'in-progress' }])
  const { answer, runToken } = await start({ site, ...prepared }, new TestAgent(mac))
  t.is(answer.status, 200, answer.body.toString())
  const { content } = answer.json['policy'] as { content: readonly { id: string; bases?: readonly string[] }[] }
  const bases = content.find(({ id }) => id === imageId)?.bases
  t.deepEqual(bases, ['http://near:8080', 'http://far:8080', 'http://192.0.2.1:8080'])
  t.true(
    content.every(({ id, bases: others }) => id === imageId || others === undefined),
    'what only the site has',
  )

  const ask = async (token: string) => {
    const tokenSha256 = createHash('sha256').update(token).digest('hex')
    const body = JSON.stringify({ tokenSha256 })
    return (await site.ask('POST', '/distribution-point/v1/run-token', { headers: headersOf(near), body })).json
  }
  const standing = (await ask(runToken)) as { known: boolean; content: readonly { id: string; version: number }[] }
  t.true(standing.content.some(({ id, version }) => id === imageId && version === 1))
  t.deepEqual(await ask('run_of-nobody-at-all'), { known: false })
})

test('S8-002: whatever carries content is distributed, validated and taken back in the same way', async (t) => {
  const { site } = await prepare(t)
  const point = await addPoint(site, 'hall')
  const owners = {
    'boot-images': { architecture: 'x64' },
    'operating-system-images': { architecture: 'x64' },
    'operating-system-upgrade-packages': { architecture: 'x64' },
    packages: {},
    'driver-packages': { system: 'linux' },
    applications: { deploymentTypes: [] },
  }
  for (const [path, draft] of Object.entries(owners)) {
    const made = await site.api('POST', `/${path}`, { name: 'Distributed', ...draft })
    t.is(made.status, 201, made.body.toString())
    const verb = async (name: string) =>
      site.api('POST', `/${path}/${String(made.json['id'])}/${name}`, { points: [point.id] })
    t.deepEqual((await verb('distribute')).json, { points: [point.id], groups: [] }, path)
    t.is((await verb('validate')).status, 202, path)
    t.deepEqual((await verb('remove-content')).json, { points: [], groups: [] }, path)
    t.is((await verb('validate')).status, 409, path)
  }
  t.deepEqual(await assigned(site, point), [], 'what has no files yet is nothing to fetch')
})

test('octets of the site are for the point that is to have them, and no token of a run or a person opens them', async (t) => {
  const { site, imageId } = await prepare(t)
  const [one, other] = [await addPoint(site, 'one'), await addPoint(site, 'other')]
  await site.api('POST', `/operating-system-images/${imageId}/distribute`, { points: [one.id] })
  const { json } = await site.api('GET', `/operating-system-images/${imageId}`)
  const [file] = (json['content'] as { files: readonly { sha256: string }[] }).files
  const path = `/distribution-point/v1/blobs/${file?.sha256 ?? ''}`
  const part = await site.ask('GET', path, { headers: { ...headersOf(one), range: 'bytes=0-9' } })
  t.deepEqual([part.status, part.body.length], [206, 10])
  t.is((await site.ask('GET', path, { headers: headersOf(other) })).status, 404)
  t.is((await site.ask('GET', path, { headers: { authorization: `Bearer ${adminToken}` } })).status, 401)
})
