/**
 * How a network folder is connected on Linux, as words and texts (mount.cifs(8), mount.nfs(8)). The password stands in a
 * credentials file alone. A drive letter becomes a mount point of its name; without one the folder's own name does.
 */

import type { ConnectToNetworkFolder, NetworkPath } from '../server/sequence/step-types/connect-to-network-folder.ts'

/** Name of the mount point below the folder of them all. */
export function mountPointName(path: NetworkPath, driveLetter: string): string {
  if (driveLetter !== '') return driveLetter.slice(0, 1).toLowerCase()
  const parts = path.kind === 'smb' ? [path.server, path.share, path.folder] : [path.server, path.folder]
  // Longer than one letter, so that none can be taken for a drive.
  return `at-${parts
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .slice(0, 100)}`
}

export interface MountPlan {
  readonly words: readonly [string, ...string[]]
  /** Kernel module, loaded first where the kernel has it as one. */
  readonly module: 'cifs' | 'nfs'
}

/** `credentials` is the place of the file; undefined: as a guest. */
export function planMount(path: NetworkPath, mountPoint: string, credentials: string | undefined): MountPlan {
  if (path.kind === 'nfs') {
    const server = path.server.includes(':') ? `[${path.server}]` : path.server
    // The boot image has no lock daemon, and a server that is gone must end in an error.
    const words = ['mount.nfs', `${server}:${path.folder}`, mountPoint, '-o', 'nolock,soft'] as const
    return { words, module: 'nfs' }
  }
  const folder = path.folder === '' ? '' : `/${path.folder}`
  const options = credentials === undefined ? 'guest' : `credentials=${credentials}`
  const words = ['mount.cifs', `//${path.server}/${path.share}${folder}`, mountPoint, '-o', options] as const
  return { words, module: 'cifs' }
}

export function printCredentials({ account, password }: Pick<ConnectToNetworkFolder, 'account' | 'password'>): string {
  const [domain, user] = account.includes('\\') ? account.split('\\') : ['', account]
  const lines = [`username=${user}`, `password=${password}`]
  return [...lines, ...(domain === '' ? [] : [`domain=${domain}`]), ''].join('\n')
}
