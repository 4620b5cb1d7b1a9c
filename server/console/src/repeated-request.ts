/** Asks the API again and again while somebody looks at the page, for what no event tells. */

import { useEffect } from 'react'
import { type Answer, request } from './api.ts'

export interface RepeatedRequest<T> {
  readonly path: string
  readonly isLive: boolean
  readonly everyMs: number
  /** The same function from one rendering to the next; not called any more when the page has gone on. */
  readonly take: (answer: Answer<T>) => void
}

/** At once, then regularly, and when the page is looked at again; never twice at one time. */
export function useRepeatedRequest<T>({ path, isLive, everyMs, take }: RepeatedRequest<T>): void {
  useEffect(() => {
    if (!isLive) return undefined
    let isWanted = true
    let isAsked = false
    const ask = (): void => {
      if (isAsked || document.visibilityState !== 'visible') return
      isAsked = true
      void request<T>('GET', path).then((answer) => {
        isAsked = false
        if (isWanted) take(answer)
      })
    }
    ask()
    const timer = window.setInterval(ask, everyMs)
    document.addEventListener('visibilitychange', ask)
    return () => {
      isWanted = false
      clearInterval(timer)
      document.removeEventListener('visibilitychange', ask)
    }
  }, [path, isLive, everyMs, take])
}
