/** Who may do what: the matrix of every route with every principal, signing in, and requests of other sites. */

import test from 'ava'
import { adminToken, loginTicket, openTestSite, setupCode, TestAgent, type TestSite } from './test-site.ts'

const password = 'correct horse battery'
const page = { 'content-type': 'application/json', 'x-reveille': '1' }

async function signIn(site: TestSite, body: object, path = '/session'): Promise<string> {
  const answer = await site.ask('POST', `/api/v1${path}`, { headers: page, body: JSON.stringify(body) })
  return answer.headers['set-cookie']?.[0] ?? ''
}

/** A machine's run token, the way a machine gets it. */
async function runToken(site: TestSite): Promise<string> {
  const mac = '52:54:00:00:0a:12'
  await site.api('POST', '/devices', { name: 'Matrix', macAddresses: [mac] })
  const boot = await site.api('POST', '/boot-images', { name: 'M', architecture: 'x64' })
  const step = { name: 'S', action: { type: 'set-task-sequence-variable', variable: 'A', value: 'b' } }
  const sequence = { name: 'Matrix', children: [step] }
  const made = await site.api('POST', '/task-sequences', { bootImageId: boot.json['id'], sequence })
  const deployment = await site.api('POST', '/deployments', {
    taskSequenceId: made.json['id'],
    collectionId: 'RVL10001',
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe',
  })
  const agent = new TestAgent(mac)
  const hello = await agent.sayHello(site)
  const start = { deploymentId: deployment.json['id'], variables: [] }
  const started = await agent.say(site, '/agent/v1/runs', start, String(hello.json['session']))
  return String(started.json['runToken'])
}

async function pointToken(site: TestSite): Promise<string> {
  const { json } = await site.api('POST', '/distribution-points', { name: 'Matrix', baseUrl: 'http://192.0.2.7:8080' })
  const made = await site.api('POST', `/distribution-points/${String(json['id'])}/token`)
  return String(made.json['token'])
}

/** 401 and 403 are "no"; everything else came past the door, whatever it said then. */
const refused = (status: number) => status === 401 || status === 403

test('A12: every route with every principal is allowed or refused as the table says', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  await signIn(site, { code: setupCode, name: 'admin', password }, '/setup')
  const cookie = (await signIn(site, { name: 'admin', password })).split(';')[0] ?? ''
  const token = String((await site.api('POST', '/tokens', { name: 'matrix' })).json['token'])
  const run = await runToken(site)
  const principals = {
    nobody: {},
    'wrong token': { authorization: 'Bearer rvl_wrong-wrong-wrong' },
    'api token': { authorization: `Bearer ${token}` },
    'preset token': { authorization: `Bearer ${adminToken}` },
    'page session': { cookie, 'x-reveille': '1' },
    'page without header': { cookie },
    'run token': { authorization: `Bearer ${run}` },
    'distribution point': { authorization: `Bearer ${await pointToken(site)}` },
  } as const
  const administrators = ['api token', 'preset token', 'page session']
  // Signing out and guessing passwords would disturb the rows after them.
  const left = new Set(['DELETE /api/v1/session', 'POST /api/v1/session', 'POST /api/v1/setup'])
  t.true(site.app.routes.length > 45)
  for (const route of site.app.routes) {
    const name = `${route.method} ${route.path}`
    if (left.has(name)) continue
    const path = route.path.replaceAll('{id}', 'none').replace('{code}', 'NONE').replace('{rest}', 'none')
    for (const [principal, headers] of Object.entries(principals)) {
      const { status } = await site.ask(route.method, path, { headers })
      const isPageReading = principal === 'page without header' && route.method === 'GET'
      const expected = {
        public: true,
        administrator: administrators.includes(principal) || isPageReading,
        'run-token': principal === 'run token',
        'distribution-point': principal === 'distribution point',
        // Without a signature no token opens anything here; a body that is no JSON is refused before.
        agent: status === 415,
      }[route.access]
      t.is(!refused(status), expected, `${name} as ${principal}: ${status}`)
    }
  }
})

test('the set-up code creates the administrator once, and only with the page header', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const before = await site.ask('GET', '/api/v1/session')
  t.deepEqual(before.json, { signedIn: false, setupRequired: true })
  const body = JSON.stringify({ code: setupCode, name: 'admin', password })
  const bare = await site.ask('POST', '/api/v1/setup', { headers: { 'content-type': 'application/json' }, body })
  t.is(bare.status, 403)
  const wrong = await site.ask('POST', '/api/v1/setup', { headers: page, body: body.replace(setupCode, 'AAAA') })
  t.is(wrong.status, 403)
  t.is((await site.ask('POST', '/api/v1/setup', { headers: page, body })).status, 201)
  t.is((await site.ask('POST', '/api/v1/setup', { headers: page, body })).status, 403)
})

test('D15: each log-in has a new session that scripts cannot read, and logging out ends it', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const first = await signIn(site, { code: setupCode, name: 'admin', password }, '/setup')
  const second = await signIn(site, { name: 'admin', password })
  t.not(first, second)
  t.regex(second, /HttpOnly/)
  t.regex(second, /SameSite=Strict/)
  const cookie = second.split(';')[0] ?? ''
  t.is((await site.ask('GET', '/api/v1/devices', { headers: { cookie } })).status, 200)
  t.is((await site.ask('DELETE', '/api/v1/session', { headers: { cookie, 'x-reveille': '1' } })).status, 204)
  t.is((await site.ask('GET', '/api/v1/devices', { headers: { cookie } })).status, 401)
  const old = first.split(';')[0] ?? ''
  site.clock.nowMs += 31 * 60_000
  t.is((await site.ask('GET', '/api/v1/devices', { headers: { cookie: old } })).status, 401)
})

test('A13: ten wrong tries, then none; a wrong name looks like a wrong password; a session goes on', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const cookie = (await signIn(site, { code: setupCode, name: 'admin', password }, '/setup')).split(';')[0] ?? ''
  const attempt = async (name: string) =>
    site.ask('POST', '/api/v1/session', {
      headers: page,
      body: JSON.stringify({ name, password: 'wrong wrong wrong' }),
    })
  const wrongPassword = await attempt('admin')
  const wrongName = await attempt('nobody')
  t.is(wrongPassword.status, 401)
  t.deepEqual(wrongName.json, wrongPassword.json)
  for (let index = 2; index < 10; index += 1) t.is((await attempt('admin')).status, 401)
  t.is((await attempt('admin')).status, 429)
  t.is((await site.ask('GET', '/api/v1/devices', { headers: { cookie } })).status, 200)
})

test('the ticket of a demo signs in once', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  t.regex(await signIn(site, { ticket: loginTicket }), /^reveille_session=page_/)
  t.is(await signIn(site, { ticket: loginTicket }), '')
})

test('D03: a form or plain text of another site changes nothing', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const cookie = (await signIn(site, { ticket: loginTicket })).split(';')[0] ?? ''
  const body = JSON.stringify({ name: 'forged' })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const bare = await site.ask('POST', '/api/v1/devices', { headers: { cookie, 'content-type': type }, body })
    t.is(bare.status, 403)
    const headed = { cookie, 'content-type': type, 'x-reveille': '1' }
    t.is((await site.ask('POST', '/api/v1/devices', { headers: headed, body })).status, 415)
  }
  t.deepEqual(await site.store.devices.list(), [])
})
