/** Paths that more than one part must agree on. */

import type { PackageId } from '../address/identifiers.ts'

export const agentRoutes = {
  hello: '/agent/v1/hello',
  resume: '/agent/v1/resume',
  runs: '/agent/v1/runs',
  events: '/agent/v1/events',
  nextCommand: '/agent/v1/debugger/next-command',
  capturedImages: '/agent/v1/captured-images',
  /** `?format=root-archive` or `wim`. */
  capturedImageFile: '/agent/v1/captured-images/file',
  stateStores: '/agent/v1/state-stores',
  stateStoreKey: '/agent/v1/state-stores/key',
  /** `?store=ID&index=N` */
  stateStoreChunk: '/agent/v1/state-stores/chunk',
  /** `?store=ID&index=N` */
  stateStoreCapturedChunk: '/agent/v1/state-stores/captured-chunk',
  stateStoreCaptured: '/agent/v1/state-stores/captured',
  stateStoreRelease: '/agent/v1/state-stores/release',
} as const

// Boot paths belong to the boot decision, which may not import this folder; they are defined one floor down.
export { bootScriptPath, discoveryScriptPath } from '../site/boot-paths.ts'

/** Files of content, for run tokens only. */
export function contentPath(id: PackageId, version: number, file: string): string {
  return `/content/${id}/${version}/${file}`
}

/** WebSocket of the status page; `?since=SEQ` goes on from there. */
export const progressPath = '/api/v1/progress'
