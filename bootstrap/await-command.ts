/**
 * Waits for the next command of the debugger (S1-101). The server is asked every two seconds rather than held: requests of an
 * agent go one after another, and a heartbeat must not wait behind a question that nobody answers. While the server is away
 * the question is repeated, and the time that the engine gave runs on.
 */

import type { NextCommandAnswer } from '../server/contract/agent.ts'
import type { SequenceEvent } from '../server/sequence/event.ts'
import { pause } from './back-off.ts'
import type { AwaitCommand } from './task-sequence-manager.ts'

export interface CommandSource {
  /** Rejects with a `Fault` when the server does not let the run go on. */
  readonly ask: (after: number) => Promise<NextCommandAnswer>
  /** The run is refused. */
  readonly signal: AbortSignal
}

const askAgainMs = 2_000

/** Undefined: the run was refused meanwhile. */
export async function awaitCommand(
  { after, limitSeconds }: AwaitCommand,
  source: CommandSource,
): Promise<SequenceEvent | undefined> {
  const time = new AbortController()
  const limit = limitSeconds === undefined ? undefined : setTimeout(() => time.abort(), limitSeconds * 1_000)
  try {
    return await askUntilOver(after, source, AbortSignal.any([source.signal, time.signal]))
  } finally {
    clearTimeout(limit)
  }
}

async function askUntilOver(
  after: number,
  { ask, signal }: CommandSource,
  over: AbortSignal,
): Promise<SequenceEvent | undefined> {
  while (!over.aborted) {
    const answer = await beforeAbort(ask(after), over)
    if (answer?.next !== undefined) return { kind: 'debug-command', ...answer.next }
    await pause(askAgainMs, over)
  }
  return signal.aborted ? undefined : { kind: 'debug-timed-out' }
}

/** Undefined once the signal fires: the question itself may be repeated for as long as the server is away. */
async function beforeAbort<A>(asked: Promise<A>, signal: AbortSignal): Promise<A | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined)
    signal.addEventListener('abort', stop, { once: true })
    asked.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
