/** A file for one client, and what that client may be granted of it: asked in this thread, or by another one (`remote-files.ts`). */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { TftpLimits } from '../tftp/negotiate.ts'
import type { BootFile, BootFileSource } from './boot-file-source.ts'

export interface GrantedFile {
  readonly file: BootFile
  /** Firmware that fails above certain sizes (T06, T09). */
  readonly limits: Partial<TftpLimits>
}

export interface GrantedFiles {
  /** Undefined: there is no such file for this client. Rejects only when something is broken. */
  open(name: string, client: Ipv4Address): Promise<GrantedFile | undefined>
}

export type LimitsFor = (client: { readonly address: Ipv4Address }) => Partial<TftpLimits>

export function grantFiles(files: BootFileSource, limitsFor: LimitsFor | undefined): GrantedFiles {
  return {
    async open(name, address) {
      const file = await files.open(name, { address })
      return file && { file, limits: limitsFor?.({ address }) ?? {} }
    },
  }
}
