/** A site with one task sequence that needs something of every kind, for exports. */

import { rootArchive } from '../support/root-archive.ts'
import { tarTree } from '../support/tar-tree.ts'
import { addBootImage, addContent, adminToken, type TestSite } from './test-site.ts'

export const siteSecret = 'S3cret!pass'

export interface FilledSite {
  readonly parent: string
  readonly child: string
  readonly ids: Readonly<Record<string, string>>
}

export async function fillSite(site: TestSite): Promise<FilledSite> {
  const create = async (path: string, body: unknown): Promise<string> => {
    const { status, json, body: text } = await site.api('POST', path, body)
    if (status !== 201) throw new Error(`${path}: ${text.toString()}`)
    return String(json['id'])
  }
  const tree = async (path: string, files: Readonly<Record<string, string>>, query = ''): Promise<void> => {
    const { status, body } = await site.ask('PUT', `/api/v1${path}/content${query}`, {
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/octet-stream' },
      body: await tarTree(files, ['setup.sh']),
    })
    if (status !== 201) throw new Error(`${path}: ${body.toString()}`)
  }
  // An id that the other site gives to something else.
  const first = await create('/packages', { name: 'Only here' })
  const base = await create('/packages', { name: 'Base', programs: [{ name: 'Install', commandLine: './setup.sh' }] })
  const agent = await create('/packages', {
    name: 'Agent',
    programs: [
      { name: 'Before', commandLine: 'true' },
      { name: 'Install', commandLine: './setup.sh', runFirst: { packageId: base, programName: 'Install' } },
    ],
  })
  await tree(`/packages/${agent}`, { 'setup.sh': '#!/bin/sh\n', 'data/a file': 'text' })
  const library = await create('/applications', { name: 'Library' })
  const detection = { kind: 'path-exists', path: '/opt/editor', type: 'folder' }
  const editor = await create('/applications', {
    name: 'Editor',
    deploymentTypes: [{ name: 'deb', contentFolder: 'deb', installCommandLine: 'dpkg -i x', detection }],
    dependencies: [library],
  })
  await tree(`/applications/${editor}`, { x: 'editor' }, '?folder=deb')
  const drivers = await create('/driver-packages', { name: 'Drivers', system: 'linux' })
  await tree(`/driver-packages/${drivers}`, { 'firmware/one.bin': 'firmware' })
  const upgrade = await create('/operating-system-upgrade-packages', { name: 'Upgrade', architecture: 'x64' })
  const image = await create('/operating-system-images', { name: 'Debian', architecture: 'x64' })
  await addContent(site, `/operating-system-images/${image}`, { 'rootfs.tar': await rootArchive() })
  const boot = await addBootImage(site, { vmlinuz: Buffer.from('kernel'), 'initrd.img': Buffer.from('initramfs') })
  const child = await create('/task-sequences', {
    sequence: {
      name: 'Child',
      children: [
        {
          name: 'Folder',
          action: { type: 'connect-to-network-folder', path: '\\\\s\\t', account: 'a', password: siteSecret },
        },
      ],
    },
  })
  const parent = await create('/task-sequences', {
    bootImageId: boot,
    settings: { runFirst: { packageId: base, programName: 'Install' } },
    sequence: {
      name: 'Parent',
      children: [
        { action: { type: 'format-and-partition-disk', partitions: [{}] } },
        { action: { type: 'apply-operating-system-image', imageId: image } },
        { action: { type: 'apply-driver-package', packageId: drivers } },
        { action: { type: 'apply-windows-settings', randomAdminPassword: false, localAdminPassword: siteSecret } },
        { action: { type: 'install-package', packageId: agent, programName: 'Install' } },
        { action: { type: 'install-application', applications: [editor] } },
        { action: { type: 'run-task-sequence', taskSequenceId: child } },
        { action: { type: 'upgrade-operating-system', upgradePackageId: upgrade } },
        { name: 'Later', disabled: true, action: { type: 'apply-data-image', imageId: 'RVL0FFFF' } },
      ],
    },
  })
  return { parent, child, ids: { first, base, agent, library, editor, drivers, upgrade, image, boot } }
}
