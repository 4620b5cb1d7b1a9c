/** Task sequences as XML over HTTP (S11). */

import test from 'ava'
import { adminToken, openTestSite, type TestSite } from './test-site.ts'

let site: TestSite
test.before(async () => {
  site = await openTestSite()
})
test.after.always(async () => site.close())

const secret = 'S3cret!pass'

async function create(name: string): Promise<string> {
  const sequence = {
    name,
    children: [
      {
        name: 'Folder',
        action: { type: 'connect-to-network-folder', path: '\\\\s\\t', account: 'a', password: secret },
      },
      { name: 'Disk', action: { type: 'format-and-partition-disk', partitions: [{}] } },
    ],
  }
  const created = await site.api('POST', '/task-sequences', { sequence })
  if (created.status !== 201) throw new Error(created.body.toString())
  return String(created.json['id'])
}

const importXml = async (xml: string | Uint8Array, query = '', type = 'application/xml') =>
  site.ask('POST', `/api/v1/task-sequences/import-xml${query}`, {
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': type },
    body: xml,
  })

test.serial(
  'S11-003: the XML of a task sequence says in a comment what was left out, and holds no secret',
  async (t) => {
    const id = await create('Export me')
    const answer = await site.api('GET', `/task-sequences/${id}/xml`)
    t.is(answer.status, 200)
    t.is(answer.headers['content-type'], 'application/xml')
    const xml = answer.body.toString()
    t.false(xml.includes(secret))
    t.true(xml.includes('Left out because it is secret: children[0].action.password (Folder)'))
    t.true(xml.includes('XML has no word for'), 'an ext4 partition')
    const imported = await importXml(xml, '?name=Come%20back')
    t.is(imported.status, 201)
    t.deepEqual(imported.json['typeAgain'], [{ path: 'children[0].action.password', stepName: 'Folder' }])
    const shown = await site.api('GET', `/task-sequences/${String(imported.json['id'])}`)
    t.like(shown.json, { name: 'Come back', sequence: { children: [{ name: 'Folder' }, { name: 'Disk' }] } })
    t.is((await site.api('GET', '/task-sequences/RVL99999/xml')).status, 404)
  },
)

test.serial(
  'S1-096: references to what the site does not have are marked, and keep it from being deployed',
  async (t) => {
    const xml = `<sequence version="3.00"><step type="SMS_TaskSequence_ApplyDataImageAction" name="Data"><defaultVarList>
    <variable name="ImagePackageID" property="ImagePackageID">ABC00012</variable></defaultVarList></step></sequence>`
    const preview = await importXml(xml, '?name=Later&preview=true')
    t.is(preview.status, 200)
    t.is(preview.json['id'], undefined)
    t.like(preview.json['sequence'], { children: [{ name: 'Data' }] })
    t.false((await site.store.taskSequences.list()).some(({ sequence }) => sequence.name === 'Later'))
    const { status, json } = await importXml(xml, '?name=Later')
    t.is(status, 201)
    t.deepEqual(json['faults'], [
      { path: 'sequence.children[0].action.imageId', message: 'there is no operating system image ABC00012' },
    ])
    t.is((await importXml(xml, '?name=Later')).status, 409, 'the name is taken')
  },
)

test.serial('E07: hostile and foreign XML is refused with one answer, and creates nothing', async (t) => {
  const before = (await site.store.taskSequences.list()).length
  t.is((await importXml('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><sequence>&x;</sequence>')).status, 400)
  t.is((await importXml('<html/>')).status, 422)
  t.is((await importXml('<sequence', '')).status, 400)
  t.is((await importXml('<sequence/>', '', 'text/plain')).status, 415)
  t.is((await importXml(`<sequence>${'<group name="g">'.repeat(70)}${'</group>'.repeat(70)}</sequence>`)).status, 422)
  t.is((await site.store.taskSequences.list()).length, before)
})
