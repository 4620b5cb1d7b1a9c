/**
 * The switch that stops every start of a run: a banner while it is on, and the way to turn it. What it is comes by asking now and
 * then, because others turn it as well; both turns are confirmed in a dialog, one with a reason for the other administrators.
 */

import { useCallback, useId, useRef, useState } from 'react'
import { type Answer, request } from './api.ts'
import { printDateAndTime } from './format.ts'
import { useRepeatedRequest } from './repeated-request.ts'

interface StartGuard {
  readonly stopped: { readonly reason: string; readonly by: string; readonly atMs: number } | null
}

const askEveryMs = 5_000

/** Undefined until the server has said it. */
export function useStartGuard(isLive: boolean) {
  const [guard, setGuard] = useState<StartGuard>()
  const take = useCallback((answer: Answer<StartGuard>) => {
    if (answer.kind === 'ok') setGuard(answer.value)
  }, [])
  useRepeatedRequest({ path: '/start-guard', isLive, everyMs: askEveryMs, take })
  return { guard, take }
}

interface Props {
  readonly guard: StartGuard | undefined
  readonly take: (answer: Answer<StartGuard>) => void
}

/** Stands in the page before anything is in it: only then is what comes into it read aloud. */
export function StoppedBanner({ guard }: Pick<Props, 'guard'>) {
  const stopped = guard?.stopped ?? undefined
  return (
    <div role="status">
      {stopped !== undefined && (
        <p className="stopped">
          <strong>All starts are stopped.</strong> No task sequence starts on any machine; runs that go on are not
          touched.
          <span className="stopped-why">
            {stopped.by}, {printDateAndTime(stopped.atMs)}: {stopped.reason}
          </span>
        </p>
      )}
    </div>
  )
}

const turns = {
  stop: {
    button: 'Stop all starts …',
    title: 'Stop all starts?',
    text: 'No task sequence starts on any machine until somebody allows it again. Runs that go on are not touched.',
    confirm: 'Stop all starts',
  },
  allow: {
    button: 'Allow starts again …',
    title: 'Allow starts again?',
    text: 'Machines that wait in the boot image start within a minute; what is required starts at the next network boot.',
    confirm: 'Allow starts',
  },
} as const

type Turn = keyof typeof turns

/** The browser's own dialog keeps the keyboard inside, closes with Escape, and gives the focus back to the one button there is. */
export function StartSwitch({ guard, take }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  /** What was asked for stays what is confirmed, though somebody else turns the switch meanwhile. */
  const [turn, setTurn] = useState<Turn>('stop')
  const [fault, setFault] = useState('')
  const [isAsked, setAsked] = useState(false)
  if (guard === undefined) return null
  const next: Turn = guard.stopped === null ? 'stop' : 'allow'
  const submit = async (form: HTMLFormElement): Promise<void> => {
    setAsked(true)
    const reason = new FormData(form).get('reason')
    const body = typeof reason === 'string' ? { reason: reason.trim() } : undefined
    const answer = await request<StartGuard>('POST', `/start-guard/${turn}`, body)
    setAsked(false)
    setFault(answer.kind === 'ok' ? '' : answer.refused.message)
    if (answer.kind !== 'ok') return
    form.reset()
    dialog.current?.close()
    take(answer)
  }
  const { title, text, confirm } = turns[turn]
  return (
    <>
      <button
        type="button"
        className="plain"
        aria-haspopup="dialog"
        onClick={() => {
          setTurn(next)
          dialog.current?.showModal()
        }}
      >
        {turns[next].button}
      </button>
      <dialog ref={dialog} aria-labelledby={titleId} onClose={() => setFault('')}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (!isAsked) void submit(event.currentTarget)
          }}
        >
          <h2 id={titleId}>{title}</h2>
          <p>{text}</p>
          {turn === 'stop' && (
            <label>
              Reason, for the other administrators
              <input name="reason" required maxLength={512} pattern=".*\S.*" autoComplete="off" />
            </label>
          )}
          {fault !== '' && (
            <p className="fault" role="alert">
              {fault}
            </p>
          )}
          <div className="answers">
            <button type="submit" aria-disabled={isAsked}>
              {confirm}
            </button>
            <button type="button" className="plain" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          </div>
        </form>
      </dialog>
    </>
  )
}
