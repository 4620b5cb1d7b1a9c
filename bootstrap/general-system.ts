/**
 * What makes an installed Linux system this machine and no other: identity, keys, leases, names given to cards, state of
 * cloud-init. A system without it makes its own at its next start. The same table leaves things out of a captured image
 * that the system writes again while it shuts down.
 */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { rm } from 'node:fs/promises'
import { clientFiles, clientLinks } from './client-files.ts'
import { clientIdentityFile } from './client-identity.ts'
import { diskMarkFolder } from '../server/contract/disk-mark.ts'
import { markFile, markFolder } from './medium/medium-mark.ts'
import { programsRunFirstFile } from './programs-run-first.ts'
import { hasTargetFile, listTargetFolder, writeTargetFile } from './target-files.ts'

/** Below the root. Systems have some of them. */
const filesOfThisMachine = [
  'var/lib/dbus/machine-id',
  'var/lib/systemd/random-seed',
  'var/lib/urandom/random-seed',
  'var/lib/systemd/credential.secret',
  'etc/udev/rules.d/70-persistent-net.rules',
  'etc/udev/rules.d/75-persistent-net-generator.rules',
  'etc/iscsi/initiatorname.iscsi',
  'etc/nvme/hostid',
  'etc/nvme/hostnqn',
]

/** Folders whose files go; the folders stay. */
const foldersOfThisMachine: readonly (readonly [folder: string, names: RegExp])[] = [
  ['etc/ssh', /^ssh_host_.*_key(?:\.pub)?$/],
  ['var/lib/dhcp', /./],
  ['var/lib/dhclient', /./],
  ['var/lib/dhcpcd', /\.lease6?$/],
  ['var/lib/NetworkManager', /\.lease$|^secret_key$|^seen-bssids$/],
  ['var/lib/systemd/network', /./],
  ['var/lib/cloud', /./],
  ['var/log/journal', /^[0-9a-f]{32}$/],
]

export const generalHostName = 'localhost'

/** What was removed or emptied, as paths from the root. */
export async function makeGeneral(root: string): Promise<readonly string[]> {
  const done: string[] = []
  for (const path of [...filesOfThisMachine, ...(await entriesOfThisMachine(root))]) {
    if (!(await hasTargetFile(root, path))) continue
    await rm(join(root, path), { recursive: true, force: true })
    done.push(`/${path}`)
  }
  // systemd makes a new one where the file is there and empty; without the file it asks as at a first start.
  if (await hasTargetFile(root, 'etc/machine-id')) {
    await writeTargetFile(root, 'etc/machine-id', '', 0o444)
    done.push('/etc/machine-id')
  }
  if (await hasTargetFile(root, 'etc/hostname')) {
    await writeTargetFile(root, 'etc/hostname', `${generalHostName}\n`)
    done.push('/etc/hostname')
  }
  return done
}

async function entriesOfThisMachine(root: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const [folder, names] of foldersOfThisMachine) {
    for (const name of await listTargetFolder(root, folder)) if (names.test(name)) found.push(`${folder}/${name}`)
  }
  return found
}

/** Of a captured image: the state of the run, and what the last shutdown wrote. `/tmp` and its kind keep their folder. */
export const neverCaptured = [
  './var/lib/reveille/run',
  './var/lib/reveille/run.refused',
  './var/lib/reveille/boot-arguments',
  `./${clientIdentityFile}`,
  `./${programsRunFirstFile}`,
  './boot/reveille-boot-image',
  // Of the medium that set this machine up (medium-mark.ts): the next one that it sets up is not done yet.
  `./${markFolder}/${markFile}`,
  `./${diskMarkFolder}`,
  './boot/reveille-medium-*',
  './boot/efi/EFI/reveille-medium-*',
  './var/lib/systemd/random-seed',
  './lost+found',
  './swapfile',
  './swap.img',
  './tmp/*',
  './var/tmp/*',
  './run/*',
  './proc/*',
  './sys/*',
  './dev/*',
]

/** The client, when this run brought it there and Prepare ConfigMgr Client for Capture takes it away (S2-062). */
export const clientPaths = [
  './var/lib/reveille',
  './usr/lib/reveille',
  ...clientFiles({ hasSite: true }).map(({ path }) => `./${path}`),
  ...clientLinks.map(([path]) => `./${path}`),
]

export async function isLinuxSystem(root: string): Promise<boolean> {
  const names = await readdir(root)
  return names.includes('etc') && names.includes('usr')
}
