/** The whole page: signing in, the list of machines, one machine's own page, the deployments. Which one is shown stands in the address after `#`. */

import { useCallback, useEffect, useRef, useState } from 'react'
import type { Lane, LaneId } from '../../contract/progress.ts'
import { AlertsBanner } from './alerts-banner.tsx'
import { Announcements } from './announcements.tsx'
import { request } from './api.ts'
import { DeploymentsPage } from './deployments-page.tsx'
import { LaneList } from './lane-list.tsx'
import { MachinePage } from './machine-page.tsx'
import type { LineState } from './progress-connection.ts'
import { ServerPanel } from './server-panel.tsx'
import { SignIn } from './sign-in.tsx'
import { StartSwitch, StoppedBanner, useStartGuard } from './start-switch.tsx'
import { type SiteView, useWatchedSite, type WatchRun } from './watched-site.ts'

/** What `GET /session` says. */
interface Session {
  readonly signedIn: boolean
  /** No administrator exists yet: the set-up code is asked for. */
  readonly setupRequired: boolean
}

type Entrance =
  | { readonly kind: 'loading' }
  | { readonly kind: 'no-server' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'signed-out'; readonly setupRequired: boolean; readonly message: string }

const askAgainMs = 2_000

export function StatusPage() {
  const { entrance, enter, leave } = useEntrance()
  const place = usePlaceInAddress()
  switch (entrance.kind) {
    case 'loading':
      return <p className="quiet centre">Loading …</p>
    case 'no-server':
      return (
        <p className="centre" role="status">
          The server does not answer. It is asked again every two seconds.
        </p>
      )
    case 'signed-in':
      return <SignedIn place={place} onSignedOut={leave} />
    case 'signed-out':
      return <SignIn setupNeeded={entrance.setupRequired} hint={entrance.message} onSignedIn={enter} />
    default:
      return entrance satisfies never
  }
}

function useEntrance(): { entrance: Entrance; enter: () => void; leave: (message: string) => void } {
  const [entrance, setEntrance] = useState<Entrance>({ kind: 'loading' })
  const enter = useCallback(() => void findEntrance().then(setEntrance), [])
  const leave = useCallback((message: string) => setEntrance({ kind: 'signed-out', setupRequired: false, message }), [])
  useEffect(enter, [enter])
  useEffect(() => {
    if (entrance.kind !== 'no-server') return undefined
    const timer = window.setTimeout(enter, askAgainMs)
    return () => clearTimeout(timer)
  }, [entrance, enter])
  return { entrance, enter, leave }
}

async function findEntrance(): Promise<Entrance> {
  const ticket = takeTicket()
  const byTicket = ticket === undefined ? undefined : await request('POST', '/session', { ticket })
  const answer = await request<Session>('GET', '/session')
  if (answer.kind === 'refused') return { kind: 'no-server' }
  const { signedIn, setupRequired } = answer.value
  if (signedIn) return { kind: 'signed-in' }
  const message = byTicket?.kind === 'refused' ? 'This link signs in once, and it was used before.' : ''
  return { kind: 'signed-out', setupRequired, message }
}

function SignedIn({ place, onSignedOut }: { place: Place; onSignedOut: (message: string) => void }) {
  const { view, watchRun } = useWatchedSite()
  const { line, lanes } = view
  const { guard, take } = useStartGuard(line === 'live')
  useEffect(() => {
    if (line === 'signed-out') onSignedOut('The session has ended.')
  }, [line, onSignedOut])
  useTitle(titleOf(place, lanes))
  const main = useFocusAfterMove(place)
  const signOut = async (): Promise<void> => {
    const answer = await request('DELETE', '/session')
    // Without an answer the session still is; who believed otherwise would leave it open.
    if (answer.kind === 'ok' || answer.refused.status === 401) onSignedOut('')
  }
  return (
    <>
      <header>
        <a className="brand" href="#/">
          <img src="/favicon.svg" alt="" width="22" height="22" /> Reveille
        </a>
        <Line state={line} />
        <a href={deploymentsAddress} aria-current={place === 'deployments' ? 'page' : undefined}>
          Deployments
        </a>
        <StartSwitch guard={guard} take={take} />
        <button type="button" className="plain" onClick={() => void signOut()}>
          Sign out
        </button>
      </header>
      <StoppedBanner guard={guard} />
      <AlertsBanner alerts={view.alerts} />
      <main ref={main}>
        {place === 'machines' ? (
          <LaneList lanes={[...lanes.values()]} isLoaded={view.isLoaded} />
        ) : place === 'deployments' ? (
          <DeploymentsPage isLive={line === 'live'} />
        ) : (
          <Machine id={place} view={view} watchRun={watchRun} />
        )}
      </main>
      <ServerPanel />
      <Announcements lanes={lanes} />
    </>
  )
}

function Machine({ id, view, watchRun }: { id: LaneId; view: SiteView; watchRun: WatchRun }) {
  const lane = view.lanes.get(id)
  if (lane !== undefined) {
    return <MachinePage lane={lane} story={view.story} isLive={view.line === 'live'} watchRun={watchRun} />
  }
  return (
    <>
      <p className="back">
        <a href="#/">All machines</a>
      </p>
      <h1 tabIndex={-1}>{view.isLoaded ? `Nothing is known of ${id}` : 'Loading …'}</h1>
    </>
  )
}

const lineTexts = {
  connecting: 'connecting …',
  live: 'live',
  broken: 'no connection; trying again',
  'signed-out': 'signed out',
} as const satisfies Record<LineState, string>

function Line({ state }: { state: LineState }) {
  return (
    <span className={`line line-${state}`} role="status">
      {lineTexts[state]}
    </span>
  )
}

function titleOf(place: Place, lanes: ReadonlyMap<LaneId, Lane>): string {
  if (place === 'machines') return listTitle([...lanes.values()])
  return place === 'deployments' ? 'Deployments' : (lanes.get(place)?.name ?? place)
}

function listTitle(lanes: readonly Lane[]): string {
  const count = (condition: Lane['condition']): number => lanes.filter((lane) => lane.condition === condition).length
  const parts = [
    { count: count('waiting-for-person'), text: 'waiting' },
    { count: count('failed'), text: 'failed' },
    { count: count('moving'), text: 'on the way' },
  ].filter((part) => part.count > 0)
  return parts.map((part) => `${part.count} ${part.text}`).join(', ')
}

function useTitle(text: string): void {
  useEffect(() => {
    document.title = text === '' ? 'Reveille' : `${text} – Reveille`
    return () => {
      document.title = 'Reveille'
    }
  }, [text])
}

/** Going to another page of ours moves the focus to its heading, as a browser does for a new document. */
function useFocusAfterMove(place: Place) {
  const main = useRef<HTMLElement>(null)
  const shown = useRef(place)
  useEffect(() => {
    if (shown.current === place) return
    shown.current = place
    window.scrollTo(0, 0)
    main.current?.querySelector<HTMLElement>('h1')?.focus()
  }, [place])
  return main
}

/** All machines, the deployments, or one machine. */
type Place = 'machines' | 'deployments' | LaneId

const deploymentsAddress = '#/deployments'

function usePlaceInAddress(): Place {
  const [place, setPlace] = useState(readPlace)
  useEffect(() => {
    const onHash = (): void => setPlace(readPlace())
    window.addEventListener('hashchange', onHash)
    return () => window.removeEventListener('hashchange', onHash)
  }, [])
  return place
}

function readPlace(): Place {
  if (location.hash === deploymentsAddress) return 'deployments'
  const match = /^#\/machine\/([0-9a-f:]{17})$/.exec(location.hash)
  return (match?.[1] as LaneId | undefined) ?? 'machines'
}

/** A one-time link signs the demo's browser in; the ticket leaves the address at once. */
function takeTicket(): string | undefined {
  const ticket = /^#ticket=([A-Za-z0-9_-]{16,})$/.exec(location.hash)?.[1]
  if (ticket !== undefined) history.replaceState(null, '', '#/')
  return ticket
}
