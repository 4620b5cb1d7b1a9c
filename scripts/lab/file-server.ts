/**
 * A host with shared folders: Samba for SMB with one account, and NFS-Ganesha for NFS, which needs nothing of the kernel. Both serve the
 * same folder, so what a machine leaves by one is there by the other.
 */

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addHost, startOn, type Bridge } from './network.ts'

export interface FileServer {
  /** What both serve. */
  readonly folder: string
  readonly smbPath: string
  readonly nfsPath: string
  readonly account: string
  readonly password: string
  /** What the servers said. */
  said(): string
  stop(): Promise<void>
}

export interface FileServerOptions {
  readonly bridge: Bridge
  readonly address: string
  readonly prefixLength: number
  /** Of its own. */
  readonly directory: string
  /** Short: it becomes part of interface names. */
  readonly name: string
}

const account = 'root'
const password = 'Ein Passwort mit "Zeichen", $HOME'

export async function startFileServer(options: FileServerOptions): Promise<FileServer> {
  const { bridge, address, prefixLength, directory, name } = options
  const folder = join(directory, 'served')
  await mkdir(folder, { recursive: true })
  const host = await addHost(name, [{ bridge, address: `${address}/${prefixLength}` }])
  const smbConfiguration = join(directory, 'smb.conf')
  await writeFile(smbConfiguration, printSmbConfiguration(options, folder))
  await setPassword(smbConfiguration)
  const nfsConfiguration = join(directory, 'ganesha.conf')
  await writeFile(nfsConfiguration, printNfsConfiguration(directory, folder))
  // A daemon makes a process group of its own, which it stops at its end.
  const smb = await startOn(host, 'smbd', ['--daemon', '--foreground', '--debug-stdout', '-s', smbConfiguration])
  const words = ['-F', '-L', 'STDERR', '-N', 'EVENT', '-f', nfsConfiguration, '-p', join(directory, 'ganesha.pid')]
  const nfs = await startOn(host, 'ganesha.nfsd', words)
  await nfs.says(/NFS SERVER INITIALIZED/)
  return {
    folder,
    smbPath: `\\\\${address}\\images`,
    nfsPath: `${address}:/export`,
    account,
    password,
    said: () => `${smb.said()}\n${nfs.said()}`,
    async stop() {
      // Killed, Samba would leave processes of its own behind.
      await smb.stop('SIGTERM')
      await nfs.stop('SIGTERM')
      await host.stop()
    },
  }
}

function printSmbConfiguration({ directory, address, prefixLength }: FileServerOptions, folder: string): string {
  const own = ['private dir', 'lock directory', 'state directory', 'cache directory', 'pid directory', 'ncalrpc dir']
  return [
    '[global]',
    'server role = standalone server',
    'security = user',
    'map to guest = never',
    'disable netbios = yes',
    'smb ports = 445',
    `interfaces = ${address}/${prefixLength}`,
    'bind interfaces only = yes',
    'load printers = no',
    'log level = 1',
    `passdb backend = smbpasswd:${join(directory, 'smbpasswd')}`,
    ...own.map((key) => `${key} = ${join(directory, 'samba')}`),
    '[images]',
    `path = ${folder}`,
    'read only = no',
    '',
  ].join('\n')
}

async function setPassword(configuration: string): Promise<void> {
  await mkdir(join(configuration, '../samba'), { recursive: true, mode: 0o755 })
  const child = execFile('smbpasswd', ['-c', configuration, '-L', '-s', '-a', account])
  child.stdin?.end(`${password}\n${password}\n`)
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`smbpasswd ended with ${code}`)
}

function printNfsConfiguration(directory: string, folder: string): string {
  return `
NFS_CORE_PARAM { Protocols = 4; NFS_Port = 2049; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false; }
NFSv4 { Graceless = true; RecoveryBackend = fs; RecoveryRoot = ${join(directory, 'recovery')}; }
EXPORT {
  Export_Id = 1;
  Path = ${folder};
  Pseudo = /export;
  Access_Type = RW;
  Squash = No_Root_Squash;
  SecType = sys;
  FSAL { Name = VFS; }
}
`
}
