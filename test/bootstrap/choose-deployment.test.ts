/** From the server's word on a machine to the deployment that starts, and what a person sees and types on the way. */

import test from 'ava'
import { chooseDeployment, type ChooseParts } from '../../bootstrap/choose-deployment.ts'
import { printable, readLine } from '../../bootstrap/console.ts'
import { PassThrough } from 'node:stream'
import { parseDeploymentId } from '../../server/address/identifiers.ts'
import type { Choice, MachineStanding } from '../../server/contract/agent.ts'

function choice(number: number): Choice {
  const deploymentId = parseDeploymentId(`RVL2000${number}`)
  if (deploymentId === undefined) throw new Error('a wrong fixture')
  return {
    deploymentId,
    taskSequenceName: `Sequence ${number}`,
    description: number === 1 ? 'the first' : '',
    purpose: 'available',
  }
}

/** A person who types these lines, `undefined` for letting the time pass, at a server that answers these. */
function makeParts(standings: readonly MachineStanding[], typed: readonly (string | undefined)[] = []) {
  const said: string[] = []
  const waits: (number | undefined)[] = []
  let asked = 0
  let read = 0
  const parts: ChooseParts = {
    hello: async () => {
      const machine = standings[asked] ?? {
        kind: 'armed',
        name: 'pc',
        selection: { kind: 'start', choice: choice(9), because: 'required' },
      }
      asked += 1
      return { session: `session-${asked}`, code: 'ABCDEFGH', serverTimeMs: 1, machine }
    },
    say: (text) => said.push(text),
    readLine: async (timeoutMs) => {
      waits.push(timeoutMs)
      return typed[read++]
    },
    chooseSeconds: 30,
  }
  return { parts, said, waits }
}

const choosing: MachineStanding = {
  kind: 'armed',
  name: 'pc',
  selection: { kind: 'choose', choices: [choice(1), choice(2)] },
}

test('S6-041, S6-048: a required deployment starts without a question', async (t) => {
  const { parts, waits } = makeParts([])
  const chosen = await chooseDeployment(parts)
  t.deepEqual(chosen, { kind: 'start', choice: choice(9), session: 'session-1', machineName: 'pc', wasAsked: false })
  t.deepEqual(waits, [])
})

test('an available deployment is chosen by its number, and anything else is asked again', async (t) => {
  const { parts, said } = makeParts([choosing], ['x', '0', '3', ' 2 '])
  const chosen = await chooseDeployment(parts)
  t.is(chosen.kind === 'start' ? chosen.choice.deploymentId : '', 'RVL20002')
  t.is(said[0], 'pc: choose a task sequence by its number\n  1  Sequence 1 - the first\n  2  Sequence 2')
  t.is(said.filter((text) => text === 'Type a number from 1 to 2.').length, 3)
})

test('S6-020: when nobody chooses in time, the machine goes on to its next boot device', async (t) => {
  const { parts, waits } = makeParts([choosing], [undefined])
  t.deepEqual(await chooseDeployment(parts), { kind: 'nobody-chose' })
  t.deepEqual(waits, [30_000])
})

test('A17: while it waits for approval the machine shows its code, once', async (t) => {
  const waiting: MachineStanding = { kind: 'waiting-for-approval', askAgainSeconds: 5 }
  const { parts, said } = makeParts([waiting, waiting])
  await chooseDeployment(parts)
  t.is(said.filter((text) => text.includes('ABCDEFGH')).length, 1)
})

test('S6-054: a machine with nothing to run says why, and asks again at once for r', async (t) => {
  const nothing: MachineStanding = { kind: 'nothing-to-run', reason: 'no deployment reaches it', askAgainSeconds: 60 }
  const { parts, said, waits } = makeParts([nothing], ['x', 'R'])
  t.is((await chooseDeployment(parts)).kind, 'start')
  t.regex(said[0] ?? '', /no deployment reaches it/)
  t.is(waits.length, 2)
})

test('foreign text cannot move about on the console', (t) => {
  t.is(printable('a\u001b[2Jb\u0007\tc\u009bd'), 'a?[2Jb?\tc?d')
})

test('a typed line is read, and a keyboard that is gone leaves the time to pass', async (t) => {
  const keyboard = new PassThrough()
  keyboard.write('2\n')
  t.is(await readLine(keyboard, 1_000), '2')
  const gone = new PassThrough()
  gone.end()
  t.is(await readLine(gone, 1), undefined)
})
