/** Paths that more than one part must agree on. */

import type { PackageId } from '../address/identifiers.ts'

export const agentRoutes = {
  hello: '/agent/v1/hello',
  resume: '/agent/v1/resume',
  runs: '/agent/v1/runs',
  events: '/agent/v1/events',
} as const

/** The iPXE script of one machine; iPXE fills in the query (boot/ipxe-script.ts). */
export const bootScriptPath = '/boot/script.ipxe'

/** Files of a boot image, public: `/boot/images/RVL00001/3/vmlinuz`. */
export function bootImageFilePath(id: PackageId, version: number, file: string): string {
  return `/boot/images/${id}/${version}/${file}`
}

/** Files of content, for run tokens only. */
export function contentPath(id: PackageId, version: number, file: string): string {
  return `/content/${id}/${version}/${file}`
}

/** WebSocket of the status page; `?since=SEQ` goes on from there. */
export const progressPath = '/api/v1/progress'
