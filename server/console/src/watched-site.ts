/**
 * What the page knows of the site, fed by the live line. Changes are gathered and shown at most ten times a second, less
 * often with very many machines, however many of them talk at once.
 */

import { useEffect, useState, useSyncExternalStore } from 'react'
import type { RunId } from '../../address/identifiers.ts'
import type { Lane, LaneId } from '../../contract/progress.ts'
import { request } from './api.ts'
import { type LineState, type OpenAlerts, ProgressConnection } from './progress-connection.ts'
import { emptyStory, readEvents, type RunStory } from './run-story.ts'
import { setServerAhead } from './server-clock.ts'
import { setServerLoad } from './server-load.ts'

export interface SiteView {
  readonly line: LineState
  /** False until the first picture has come. */
  readonly isLoaded: boolean
  readonly lanes: ReadonlyMap<LaneId, Lane>
  /** Of the run that is being watched. */
  readonly story: RunStory
  readonly alerts: OpenAlerts
}

export type WatchRun = (runId: RunId | undefined) => void

const showEveryMs = 100
/** A picture of a thousand lanes takes some 50 ms: at five a second three quarters of the time stay for the reader. */
const showMsPerLane = 0.2

export function useWatchedSite(): { readonly view: SiteView; readonly watchRun: WatchRun } {
  const [site] = useState(() => new WatchedSite())
  useEffect(() => site.open(), [site])
  return { view: useSyncExternalStore(site.subscribe, site.view), watchRun: site.watchRun }
}

class WatchedSite {
  readonly #listeners = new Set<() => void>()
  readonly #lanes = new Map<LaneId, Lane>()
  #line: LineState = 'connecting'
  #isLoaded = false
  #story: RunStory = emptyStory(undefined)
  #alerts: OpenAlerts = { alerts: [], total: 0 }
  #view: SiteView = this.#picture()
  #connection: ProgressConnection | undefined
  #timer: number | undefined

  open(): () => void {
    const connection = new ProgressConnection({
      onState: (line) => {
        if (line === this.#line) return
        setServerLoad(undefined)
        this.#line = line
        this.#show()
      },
      onLanes: (lanes, replace) => {
        if (replace) this.#lanes.clear()
        for (const lane of lanes) this.#lanes.set(lane.id, lane)
        this.#isLoaded = true
        this.#show()
      },
      onForgotten: (ids) => {
        for (const id of ids) this.#lanes.delete(id)
        this.#show()
      },
      onEvents: (events) => {
        this.#story = readEvents(this.#story, events)
        this.#show()
      },
      onAlerts: (alerts) => {
        this.#alerts = alerts
        this.#show()
      },
      onLoad: setServerLoad,
      onClock: setServerAhead,
      isSignedOut: async () => {
        const answer = await request<{ signedIn: boolean }>('GET', '/session')
        return answer.kind === 'ok' && !answer.value.signedIn
      },
    })
    this.#connection = connection
    connection.watchRun(this.#story.runId)
    return () => {
      clearTimeout(this.#timer)
      this.#timer = undefined
      connection.close()
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly view = (): SiteView => this.#view

  readonly watchRun: WatchRun = (runId) => {
    if (runId === this.#story.runId) return
    this.#story = emptyStory(runId)
    this.#connection?.watchRun(runId)
    this.#show()
  }

  #picture(): SiteView {
    const lanes = new Map(this.#lanes)
    return { line: this.#line, isLoaded: this.#isLoaded, lanes, story: this.#story, alerts: this.#alerts }
  }

  #show(): void {
    this.#timer ??= window.setTimeout(
      () => {
        this.#timer = undefined
        this.#view = this.#picture()
        for (const listener of this.#listeners) listener()
      },
      Math.max(showEveryMs, this.#lanes.size * showMsPerLane),
    )
  }
}
