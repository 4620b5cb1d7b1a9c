/**
 * Names under which the first files of a boot are asked for, over HTTP and over TFTP. One place builds them, so that
 * a decision, the routes and the TFTP name table cannot disagree. Whether a file exists is asked elsewhere.
 */

import type { PackageId } from '../address/identifiers.ts'

/** The iPXE script of one machine; iPXE fills in the query (boot/ipxe-discovery-script.ts). */
export const bootScriptPath = '/boot/script.ipxe'

/** The same for every machine: sends iPXE on to `bootScriptPath`. The name is the one iPXE 2 looks for by itself. */
export const discoveryScriptPath = '/boot/autoexec.ipxe'

/** Files of a boot image, public: `/boot/images/RVL00001/3/vmlinuz`. */
export function bootImageFilePath(id: PackageId, version: number, file: string): string {
  return `/boot/images/${id}/${version}/${file}`
}

/** The same file over TFTP: `boot/RVL00001/3/vmlinuz`. Short, because the `file` field holds 127 octets. */
export function bootImageTftpName(id: PackageId, version: number, file: string): string {
  return `boot/${id}/${version}/${file}`
}
