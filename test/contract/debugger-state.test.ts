/** What the site makes of the reports of a run in debug mode. */

import test from 'ava'
import type { RunEventBody } from '../../server/contract/agent.ts'
import { advanceDebugger, type DebuggerState } from '../../server/contract/debugger-state.ts'
import type { DebugCommand } from '../../server/sequence/debug.ts'

const attached: RunEventBody = { kind: 'debugger-attached', opens: 'before-steps' }
const at = { path: [0], name: 'One', number: 1, reason: 'before-step' } as const
const held: RunEventBody = { kind: 'debugger-paused', ...at }
const taken = (number: number, command: DebugCommand, refused?: string): RunEventBody => ({
  kind: 'debugger-command',
  number,
  command,
  ...(refused === undefined ? {} : { refused }),
})

function after(...bodies: readonly RunEventBody[]): DebuggerState | undefined {
  let state: DebuggerState | undefined
  for (const body of bodies) state = advanceDebugger(state, body)
  return state
}

test('S1-100: a run is debugged from the report that says so', (t) => {
  t.is(after({ kind: 'sequence-started' }, held), undefined)
  t.deepEqual(after(attached), { opens: 'before-steps', standing: { kind: 'going-on' }, breaks: [], taken: 0 })
})

test('S1-101: it is held until a command lets it go, and a refused command changes nothing', (t) => {
  t.deepEqual(after(attached, held)?.standing, { kind: 'held', at })
  for (const kind of ['step', 'run', 'cancel'] as const) {
    t.deepEqual(after(attached, held, taken(1, { kind }))?.standing, { kind: 'going-on' })
  }
  t.deepEqual(after(attached, held, taken(1, { kind: 'quit' }))?.standing, { kind: 'quit' })
  const refused = after(attached, held, taken(1, { kind: 'set-current', path: [7] }, 'no'))
  t.like(refused, { standing: { kind: 'held' }, taken: 1, lastCommand: { number: 1, refused: 'no' } })
  const end = { kind: 'failed', path: [0], exitCode: 1, message: '' } as const
  t.is(after(attached, held, { kind: 'sequence-ended', outcome: end })?.standing.kind, 'going-on')
})

test('S1-101: breakpoints are what was set and not cleared', (t) => {
  const set = (number: number, ...path: readonly number[]) => taken(number, { kind: 'set-break', path })
  const both = [attached, held, set(1, 0), set(2, 1, 2), set(3, 0)]
  t.deepEqual(after(...both)?.breaks, [[1, 2], [0]])
  t.deepEqual(after(...both, taken(4, { kind: 'clear-break', path: [1, 2] }))?.breaks, [[0]])
  t.deepEqual(after(...both, taken(4, { kind: 'clear-all-breaks' }))?.breaks, [])
  t.deepEqual(after(attached, held, taken(1, { kind: 'set-break', path: [9] }, 'no'))?.breaks, [])
})
