/** Signing in, and, at the very first start, making the administrator with the code that the server printed. */

import { useState } from 'react'
import type { FormEvent } from 'react'
import { request } from './api.ts'

interface Props {
  readonly setupNeeded: boolean
  /** Why the page stands here, when that needs a word. */
  readonly hint: string
  readonly onSignedIn: () => void
}

export function SignIn({ setupNeeded, hint, onSignedIn }: Props) {
  const [message, setMessage] = useState(hint)
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    const form = new FormData(event.currentTarget)
    const text = (name: string): string => {
      const value = form.get(name)
      return typeof value === 'string' ? value : ''
    }
    const body = { name: text('name'), password: text('password') }
    const answer = setupNeeded
      ? await request('POST', '/setup', { ...body, code: text('code') })
      : await request('POST', '/session', body)
    setBusy(false)
    if (answer.kind === 'ok') onSignedIn()
    else setMessage(answer.refused.message)
  }
  return (
    <main className="sign-in">
      <h1>
        <img src="/favicon.svg" alt="" width="32" height="32" /> Reveille
      </h1>
      <form onSubmit={(event) => void submit(event)}>
        <h2>{setupNeeded ? 'Make the first administrator' : 'Sign in'}</h2>
        {setupNeeded && (
          <label>
            Set-up code <small>printed by the server when it started</small>
            <input name="code" required autoComplete="off" autoFocus spellCheck={false} />
          </label>
        )}
        <label>
          Name
          <input
            name="name"
            required
            autoComplete="username"
            defaultValue={setupNeeded ? 'admin' : ''}
            autoFocus={!setupNeeded}
          />
        </label>
        <label>
          Password {setupNeeded && <small>at least 12 characters</small>}
          <input
            name="password"
            type="password"
            required
            minLength={setupNeeded ? 12 : 1}
            autoComplete={setupNeeded ? 'new-password' : 'current-password'}
          />
        </label>
        <p role="alert" className="fault">
          {message}
        </p>
        <button type="submit" disabled={busy}>
          {setupNeeded ? 'Make administrator' : 'Sign in'}
        </button>
      </form>
    </main>
  )
}
