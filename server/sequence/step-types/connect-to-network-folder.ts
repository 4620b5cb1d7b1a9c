/** Connect To Network Folder (S2-016, S2-017): a shared folder of a Windows or Samba server, or an NFS export. */

import { optional, text, type TextForm } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { accountCharactersMax, accountName, passwordCharactersMax } from './run-as.ts'

const networkPath: TextForm = {
  isGood: (value) => parseNetworkPath(value) !== undefined,
  advice: 'Give a shared folder such as \\\\server\\share, or an NFS export such as server:/export.',
}

const driveLetter: TextForm = {
  isGood: (value) => /^[d-wyz]:?$/i.test(value),
  advice: 'Give a letter from D: to Z:, but not X:, which is the boot image’s own.',
  code: 'out-of-range',
}

export const connectToNetworkFolder = defineStepType({
  type: 'connect-to-network-folder',
  title: 'Connect To Network Folder',
  about: 'Connects a shared folder of the network until the next restart.',
  category: 'general',
  runsIn: 'both',
  xmlName: 'ConnectNetworkFolderAction',
  withoutDeployment: true,
  outputs: ['OSDNetworkFolder', ...Array.from('DEFGHIJKLMNOPQRSTUVWYZ', (letter) => networkFolderVariable(letter))],
  fields: {
    path: text('Such as \\\\server\\share or server:/export.', {
      max: 255,
      form: networkPath,
      variable: 'SMSConnectNetworkFolderPath',
    }),
    driveLetter: optional(
      text('A letter from D: to Z:, but not X:; on Linux it names the mount point.', {
        max: 2,
        form: driveLetter,
        variable: 'SMSConnectNetworkFolderDriveLetter',
      }),
    ),
    account: text('The account that may use the folder; NFS takes none.', {
      max: accountCharactersMax,
      absent: '',
      form: accountName,
      variable: 'SMSConnectNetworkFolderAccount',
    }),
    password: text('Its password.', {
      max: passwordCharactersMax,
      absent: '',
      secret: true,
      variable: 'SMSConnectNetworkFolderPassword',
    }),
  },
})

export type ConnectToNetworkFolder = ActionOf<typeof connectToNetworkFolder>

/** Holds the mount point of a drive letter. */
export function networkFolderVariable(letter: string): string {
  return `OSDNetworkFolder${letter.toUpperCase()}`
}

export type NetworkPath =
  | { readonly kind: 'smb'; readonly server: string; readonly share: string; readonly folder: string }
  | { readonly kind: 'nfs'; readonly server: string; readonly folder: string }

/** A name or an address; it may not begin like an option of a program. */
const serverName = /^[a-z0-9](?:[a-z0-9._:-]*[a-z0-9])?$/i

export function parseNetworkPath(text: string): NetworkPath | undefined {
  const smb = /^[\\/]{2}([^\\/]+)[\\/]([^\\/]+)((?:[\\/][^\\/]+)*)[\\/]?$/.exec(text)
  if (smb !== null) {
    const [, server = '', share = '', folder = ''] = smb
    const folders = folder.split(/[\\/]/).filter((part) => part !== '')
    if (!serverName.test(server) || folders.includes('..')) return undefined
    return { kind: 'smb', server, share, folder: folders.join('/') }
  }
  const nfs = /^([^/\\]+):(\/[^\\]*)$/.exec(text)
  if (nfs === null) return undefined
  const [, written = '', folder = ''] = nfs
  const server = written.replace(/^\[(.*)\]$/, '$1')
  if (!serverName.test(server) || folder.split('/').includes('..')) return undefined
  return { kind: 'nfs', server, folder }
}
