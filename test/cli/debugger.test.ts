/** `run debug` as a person types it. */

import test from 'ava'
import { prepare, start } from '../http/agent-site.ts'
import { runReveille } from './reveille.ts'

test('S1-101: `run debug` shows where a run is held, and gives it commands', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { agent, runId, runToken } = await start(prepared)
  const debug = async (...words: readonly string[]) => runReveille(site, 'run', 'debug', runId, ...words)
  t.regex((await debug()).err, /is not debugged: TSDebugMode or TSDebugOnError/)
  const held = { kind: 'debugger-paused', path: [0], name: 'Apply', number: 1, reason: 'before-step' }
  const refused = { kind: 'set-current', path: [4, 0] }
  const bodies = [
    { kind: 'debugger-attached', opens: 'before-steps' },
    { kind: 'variables-changed', variables: [{ name: 'Where', value: 'Berlin', secret: false }] },
    held,
    { kind: 'debugger-command', number: 1, command: { kind: 'set-break', path: [0] } },
    { kind: 'debugger-command', number: 2, command: refused, refused: 'There is no step 5.1, counted from 1.' },
  ]
  const events = bodies.map((body, index) => ({ sequence: index + 1, atMs: 1, body }))
  await agent.say(site, '/agent/v1/events', { runId, events }, runToken)
  // Those that the report speaks of.
  t.is((await debug('set-break', '1')).out, 'command 1, set-break 1, waits for the machine\n')
  t.is((await debug('clear-break', '5.1')).code, 0)
  t.is((await debug('step')).out, 'command 3, step, waits for the machine\n')
  const shown = await debug()
  t.is(shown.code, 0, shown.err)
  t.deepEqual(shown.out.trimEnd().split('\n'), [
    'Paused before step 1: Apply (debugger), place 1',
    'breakpoint 1',
    'command 2, set-current 5.1, was refused: There is no step 5.1, counted from 1.',
    'command 3, step, waits for the machine',
    'Where=Berlin',
  ])
  const asJson: unknown = JSON.parse((await debug('--json')).out)
  t.like(asJson, { state: 'held', breakpoints: [[0]] })
  t.regex((await debug('leap')).err, /Allowed choices are step, run,/)
  t.regex((await debug('set-current', '0')).err, /0 is not the place of a step: count from 1/)
  t.regex((await debug('set-current', '3')).err, /path: There is no step 3, counted from 1/)
  t.is((await debug('set-current')).code, 1)
})
