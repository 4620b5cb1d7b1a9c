/** How busy the server says it is. Kept apart from machines, so that every two seconds only the few figures are drawn again. */

import { useSyncExternalStore } from 'react'
import type { ServerLoad } from '../../contract/server-load.ts'

const listeners = new Set<() => void>()
let load: ServerLoad | undefined

/** Undefined: it is not known now. */
export function setServerLoad(told: ServerLoad | undefined): void {
  load = told
  for (const listener of listeners) listener()
}

export function useServerLoad(): ServerLoad | undefined {
  return useSyncExternalStore(subscribe, () => load)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
