/** What happens on a machine while no process of the client is there: each once, whatever happens between two looks. Needs root. */

import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import * as fc from 'fast-check'
import { type Happened, type Seen, whatHappened } from '../../bootstrap/occasions.ts'
import { actionOf } from '../support/actions.ts'
import { answers, command } from './whole-agent.ts'
import { endOf, nothing, once, prepareClient } from './whole-client.ts'

const seen = (bootId: string, ...sessions: readonly string[]): Seen => ({ bootId, sessions })
const kinds = (happened: readonly Happened[]) => happened.map(({ occasion, mark }) => `${occasion} ${mark}`)

test('S5-019, S5-023: a first look finds that the system has started, and who is there', (t) => {
  t.deepEqual(kinds(whatHappened(undefined, seen('a', '1'))), ['start-up a', 'log-on a.1'])
})

test('S5-019: somebody who leaves and comes back between two looks has done both', (t) => {
  t.deepEqual(kinds(whatHappened(seen('a', '1'), seen('a', '2'))), ['log-off a.1', 'log-on a.2'])
  t.deepEqual(whatHappened(seen('a', '1'), seen('a', '1')), [])
})

test('S5-019: the end of a system is the end of all its sessions', (t) => {
  t.deepEqual(kinds(whatHappened(seen('a', '1'), seen('b', '1'))), ['start-up b', 'log-off a.1', 'log-on b.1'])
})

test('S5-019, property: each start, and each session that a look has found, is told once and its end once', (t) => {
  const events = fc.array(fc.constantFrom('on', 'off', 'look', 'restart'), { maxLength: 60 })
  fc.assert(
    fc.property(events, (list) => {
      let boot = 1
      let sessions: string[] = []
      let last: Seen | undefined
      let next = 1
      const told: string[] = []
      const found = new Set<string>()
      const look = (): void => {
        const now = seen(`boot${boot}`, ...sessions)
        told.push(...kinds(whatHappened(last, now)))
        for (const session of sessions) found.add(`boot${boot}.${session}`)
        last = now
      }
      for (const event of list) {
        if (event === 'on') sessions = [...sessions, String(next++)]
        if (event === 'off') sessions = sessions.slice(1)
        if (event === 'restart') [boot, sessions, next] = [boot + 1, [], 1]
        if (event === 'look') look()
      }
      look()
      t.is(new Set(told).size, told.length, 'nothing twice')
      t.deepEqual(new Set(told.filter((one) => one.startsWith('log-on')).map((one) => one.slice(7))), found)
      const gone = [...found].filter((mark) => !sessions.some((session) => mark === `boot${boot}.${session}`))
      t.deepEqual(new Set(told.filter((one) => one.startsWith('log-off')).map((one) => one.slice(8))), new Set(gone))
    }),
  )
})

/** A machine whose logind is a script over files, one for each session, and which starts when the test says so. */
async function prepareMachine(t: ExecutionContext) {
  const given = answers([command('Touch', 'echo ran >> "$REVEILLE_TEST/ran"')])
  const prepared = await prepareClient(t, given)
  const { folder, server } = prepared
  server.helloAnswer = { ...server.helloAnswer, machine: nothing }
  mkdirSync(join(folder, 'sessions'))
  const script = `#!/bin/sh
cd "$REVEILLE_TEST/sessions" || exit
case "$1" in list-sessions) for id in *; do [ -e "$id" ] && echo "  $id 1000 anna seat0"; done; exit 0 ;; esac
cat "$2"
`
  writeFileSync(join(folder, 'loginctl'), script)
  chmodSync(join(folder, 'loginctl'), 0o755)
  const comes = (id: string, text = 'Class=user\nState=active\n') => writeFileSync(join(folder, 'sessions', id), text)
  const leaves = (id: string) => rmSync(join(folder, 'sessions', id))
  const note = async () => prepared.runClient({ REVEILLE_TASK: 'note-occasions' })
  const told = () => server.hellos.map((hello) => hello.occasions)
  return { ...prepared, comes, leaves, note, told, wasWoken: () => existsSync(join(folder, 'systemctl-was-asked')) }
}

test('S5-019: sessions of people are told until a server has answered, greeters and timers never', async (t) => {
  const { comes, leaves, note, told, wasWoken, runClient, server } = await prepareMachine(t)
  comes('c1', 'Class=greeter\nState=active\n')
  comes('7', 'Class=background\nState=active\n')
  await note()
  t.true(wasWoken(), 'the client asks at once')
  server.loss = () => 'request'
  await runClient()
  server.loss = () => undefined
  await runClient()
  t.deepEqual(told(), [['start-up']])
  comes('2')
  await note()
  leaves('2')
  comes('3', 'Class=user\nState=closing\n')
  await note()
  await runClient()
  await runClient()
  t.deepEqual(told().slice(1), [['log-on', 'log-off'], undefined])
})

test('S5-019: who waits for approval is not believed, and tells it again', async (t) => {
  const { note, told, runClient, server } = await prepareMachine(t)
  const answer = server.helloAnswer
  server.helloAnswer = { ...answer, machine: { kind: 'waiting-for-approval', askAgainSeconds: 5 } }
  await note()
  await runClient()
  server.helloAnswer = answer
  await runClient()
  await runClient()
  t.deepEqual(told(), [['start-up'], ['start-up'], undefined])
})

test('S5-019: what happens during a run is told after it, but nothing from a restart that it asked for', async (t) => {
  const prepared = await prepareMachine(t)
  const { comes, leaves, note, told, runClient, server } = prepared
  await note()
  await runClient()
  const restart = actionOf({ type: 'restart-computer', target: 'installed-system', message: '' })
  const steps = [command('Touch', 'true'), { ...command('Restart', 'true'), action: restart }, command('Touch', 'true')]
  const { choice, start } = answers(steps)
  server.startAnswer = start
  const armed = { kind: 'armed', name: 'pc-1', selection: { kind: 'start', choice, because: 'required' } } as const
  once(prepared, armed)
  comes('2')
  await note()
  await prepared.runClient({}, (said) => said.includes('The machine restarts'))
  prepared.restart()
  leaves('2')
  comes('5')
  await note()
  server.hellos.length = 0
  await runClient()
  t.is(endOf(prepared), 'succeeded')
  t.deepEqual(told(), [undefined])
})
