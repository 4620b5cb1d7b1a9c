/** The whole way: a site makes a stand-alone medium, its image is read with another program, and a machine without a network runs it. */

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { bootImage, operatingSystemImage, saved } from '../../store/site-builders.ts'
import { rootArchive } from '../../support/root-archive.ts'
import { adminToken, openTestSite, type TestSite } from '../../http/test-site.ts'
import { fakeMediaLoaders } from '../../support/built-medium.ts'
import { makeLoopDisk } from '../loop-disk.ts'
import { killAfter } from '../whole-agent.ts'
import { say, stays, prepareMachine } from './machine-with-medium.ts'

async function addFile({ store, library }: TestSite, id: string, file: { name: string; octets: Uint8Array }) {
  async function* octets() {
    yield file.octets
  }
  const image = (await store.operatingSystemImages.list()).find((one) => one.id === id)
  const boot = (await store.bootImages.list()).find((one) => one.id === id)
  const found = image ?? boot
  if (found === undefined) throw new Error('a wrong fixture')
  const before = found.content?.files ?? []
  saved(await store.addContent(found.id, [...before, { name: file.name, ...(await library.add(octets())) }]))
}

test.serial(
  'S7-007 S7-026 S7-038: POST media makes an image, and a machine without a network runs it to its end',
  async (t) => {
    const site = await openTestSite()
    t.teardown(() => site.close())
    const boot = saved(await site.store.bootImages.create(bootImage())).id
    for (const name of ['vmlinuz', 'initrd.img']) await addFile(site, boot, { name, octets: Buffer.from(name) })
    for (const [name, octets] of Object.entries(fakeMediaLoaders)) {
      await addFile(site, boot, { name, octets: Buffer.from(octets) })
    }
    const image = saved(await site.store.operatingSystemImages.create(operatingSystemImage())).id
    await addFile(site, image, { name: 'rootfs.tar', octets: await rootArchive('Branch') })
    const partitions = [{ name: 'System', use: 'primary', fileSystem: 'ext4', bootable: true }]
    const children = [
      { name: 'Disk', action: { type: 'format-and-partition-disk', diskNumber: 0, diskType: 'mbr', partitions } },
      { name: 'Apply', action: { type: 'apply-operating-system-image', imageId: image } },
      say('Show', 'echo %_SMSTSMediaType% %Office% %_SMSTSPackageID% > "$REVEILLE_TEST/shown"; exit 9'),
    ]
    const sequence = { name: 'Branch office', children }
    const made = await site.api('POST', '/task-sequences', { bootImageId: boot, sequence })
    const taskSequenceId = String(made.json['id'])
    const variables = [{ name: 'Office', value: 'Graz', secret: true }]
    const password = 'correct horse battery'
    const fields = { kind: 'stand-alone', taskSequenceId, variables, password, unattended: true }
    const medium = await site.api('POST', '/media', fields)
    t.is(medium.status, 201, medium.body.toString())
    const id = String(medium.json['id'])
    const authorization = `Bearer ${adminToken}`
    const iso = await site.ask('GET', `/api/v1/media/${id}/image?format=iso`, { headers: { authorization } })
    t.is(iso.status, 200)
    const machine = prepareMachine(t)
    writeFileSync(join(machine.folder, 'medium.iso'), iso.body)
    const place = join(machine.folder, 'media/1')
    const words = ['-osirrox', 'on', '-indev', join(machine.folder, 'medium.iso'), '-extract', '/', place]
    execFileSync('xorriso', words, { stdio: 'ignore' })
    const [kept] = (await site.store.media({ offset: 0, limit: 1 })).items
    writeFileSync(join(machine.folder, 'media/site-key'), kept?.siteKey ?? '')
    writeFileSync(join(machine.folder, 'media/medium-id'), id)
    const loop = makeLoopDisk(t, 256 * 1024 * 1024)
    const agent = machine.start(loop)
    agent.stdin.write(`${password}\n`)
    const said = await killAfter(agent, stays)
    t.regex(said, /Error 51: The task sequence failed with 9/)
    t.is(readFileSync(join(machine.folder, 'shown'), 'utf8'), `FullMedia Graz ${taskSequenceId}\n`)
    t.is(readdirSync(join(machine.takeSystem(loop), 'var/log/reveille')).length, 1)
    t.false(iso.body.includes('Graz'))
  },
)
