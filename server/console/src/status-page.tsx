/** The whole page: signing in, the list of machines, one machine's own page. Which one is shown stands in the address after `#`. */

import { useCallback, useEffect, useRef, useState } from 'react'
import type { Lane, LaneId } from '../../contract/progress.ts'
import { Announcements } from './announcements.tsx'
import { request } from './api.ts'
import { LaneList } from './lane-list.tsx'
import { MachinePage } from './machine-page.tsx'
import type { LineState } from './progress-connection.ts'
import { SignIn } from './sign-in.tsx'
import { StartSwitch, StoppedBanner, useStartGuard } from './start-switch.tsx'
import { useWatchedSite } from './watched-site.ts'

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
  const machine = useMachineInAddress()
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
      return <SignedIn machine={machine} onSignedOut={leave} />
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

function SignedIn({ machine, onSignedOut }: { machine: LaneId | undefined; onSignedOut: (message: string) => void }) {
  const { view, watchRun } = useWatchedSite()
  const { line, lanes } = view
  const { guard, take } = useStartGuard(line === 'live')
  useEffect(() => {
    if (line === 'signed-out') onSignedOut('The session has ended.')
  }, [line, onSignedOut])
  const lane = machine === undefined ? undefined : lanes.get(machine)
  useTitle(machine === undefined ? listTitle([...lanes.values()]) : (lane?.name ?? machine))
  const main = useFocusAfterMove(machine)
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
        <StartSwitch guard={guard} take={take} />
        <button type="button" className="plain" onClick={() => void signOut()}>
          Sign out
        </button>
      </header>
      <StoppedBanner guard={guard} />
      <main ref={main}>
        {machine === undefined ? (
          <LaneList lanes={[...lanes.values()]} isLoaded={view.isLoaded} />
        ) : lane === undefined ? (
          <>
            <p className="back">
              <a href="#/">All machines</a>
            </p>
            <h1 tabIndex={-1}>{view.isLoaded ? `Nothing is known of ${machine}` : 'Loading …'}</h1>
          </>
        ) : (
          <MachinePage lane={lane} story={view.story} isLive={line === 'live'} watchRun={watchRun} />
        )}
      </main>
      <Announcements lanes={lanes} />
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
function useFocusAfterMove(machine: LaneId | undefined) {
  const main = useRef<HTMLElement>(null)
  const shown = useRef(machine)
  useEffect(() => {
    if (shown.current === machine) return
    shown.current = machine
    window.scrollTo(0, 0)
    main.current?.querySelector<HTMLElement>('h1')?.focus()
  }, [machine])
  return main
}

function useMachineInAddress(): LaneId | undefined {
  const [machine, setMachine] = useState(readMachine)
  useEffect(() => {
    const onHash = (): void => setMachine(readMachine())
    window.addEventListener('hashchange', onHash)
    return () => window.removeEventListener('hashchange', onHash)
  }, [])
  return machine
}

function readMachine(): LaneId | undefined {
  const match = /^#\/machine\/([0-9a-f:]{17})$/.exec(location.hash)
  return match?.[1] as LaneId | undefined
}

/** A one-time link signs the demo's browser in; the ticket leaves the address at once. */
function takeTicket(): string | undefined {
  const ticket = /^#ticket=([A-Za-z0-9_-]{16,})$/.exec(location.hash)?.[1]
  if (ticket !== undefined) history.replaceState(null, '', '#/')
  return ticket
}
