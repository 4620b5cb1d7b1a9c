/** What TFTP serves of a site: extra boot files as they lie on the disk, boot images by name, the first iPXE script. */

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { assert } from '../../server/assert.ts'
import { printDiscoveryScript } from '../../server/boot/ipxe-discovery-script.ts'
import { serverUrl } from '../../server/boot/server-url.ts'
import { BootFileDirectory } from '../../server/http/boot-file-directory.ts'
import { siteBootFiles } from '../../server/listen/site-boot-files.ts'
import { parseSha256 } from '../../server/site/content.ts'
import { ip } from '../dhcp/dhcp-messages.ts'
import { served } from '../support/tftp-server.ts'

const us = ip('192.0.2.1')
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const notFound = { code: 1, message: 'File not found' }

const nothing = {
  bootImageFiles: async () => undefined,
  openBlob: async () => undefined,
  findExtra: async () => undefined,
  discoveryScript: () => printDiscoveryScript(serverUrl(us, 8080), 'exit'),
}

test('TF-06, T18: a link among the extra boot files is not served, to a file or through a folder', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'reveille-extra-'))
  const outside = await mkdtemp(join(tmpdir(), 'reveille-outside-'))
  await writeFile(join(outside, 'secret'), 'canary')
  await mkdir(join(directory, 'tools'))
  await writeFile(join(directory, 'tools/memtest.img'), 'memtest')
  await symlink(join(outside, 'secret'), join(directory, 'link'))
  await symlink(outside, join(directory, 'folder'))
  await symlink(join(directory, 'tools/memtest.img'), join(directory, 'tools/inside'))
  const extra = await BootFileDirectory.open(directory)
  t.teardown(async () => {
    extra.close()
    await Promise.all([directory, outside].map(async (each) => rm(each, { recursive: true })))
  })
  const files = siteBootFiles({ ...nothing, findExtra: async (name) => extra.find(name) })
  const { client, place } = await served(t, {}, { files })
  t.is(text((await client.download('tools/memtest.img', place)).bytes), 'memtest')
  for (const name of ['link', 'folder/secret', 'tools/inside', 'tools/../link', `${outside}/secret`]) {
    const got = await client.download(name, place)
    t.is(got.bytes.length, 0, name)
    t.truthy(got.error, name)
  }
})

test('H15, H16: a loader without a script finds all of it as autoexec.ipxe, beside itself or at the root', async (t) => {
  const { client, place } = await served(t, {}, { files: siteBootFiles(nothing) })
  for (const name of ['autoexec.ipxe', 'boot/RVL00001/3/loader/autoexec.ipxe', 'AUTOEXEC.IPXE', 'boot/autoexec.ipxe']) {
    const script = text((await client.download(name, place)).bytes)
    t.regex(script, /^#!ipxe\n/, name)
    t.regex(script, /http:\/\/192\.0\.2\.1:8080\/boot\/script\.ipxe\?/, name)
    // A signed loader trusts no certificate of ours.
    t.notRegex(script, /https:/, name)
  }
  t.deepEqual((await client.download('boot/RVL00001/3/loader/ipxe.efi', place)).error, notFound)
})

test('T17, TF-44: the files of a boot image are found in any case, under their version only', async (t) => {
  const sha256 = parseSha256('ab'.repeat(32))
  assert(sha256 !== undefined, 'must be a hash')
  const octets = new TextEncoder().encode('kernel')
  const files = siteBootFiles({
    ...nothing,
    bootImageFiles: async (id, version) =>
      id === 'RVL00001' && version === 3 ? [{ name: 'vmlinuz', sha256, bytes: octets.length }] : undefined,
    openBlob: async () => ({
      bytes: octets.length,
      read: async (offset, length) => octets.subarray(offset, offset + length),
      close: async () => {},
    }),
  })
  const { client, place } = await served(t, {}, { files })
  t.is(text((await client.download('\\BOOT\\rvl00001\\3\\VMLINUZ', place)).bytes), 'kernel')
  for (const name of ['boot/RVL00001/2/vmlinuz', 'boot/RVL00002/3/vmlinuz', 'boot/RVL00001/03/vmlinuz']) {
    t.deepEqual((await client.download(name, place)).error, notFound, name)
  }
})
