/** From the server's word on a machine to the deployment that starts, and what a person sees and types on the way. */

import { spawn } from 'node:child_process'
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
  const hidden: boolean[] = []
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
    readLine: async (timeoutMs, isHidden = false) => {
      waits.push(timeoutMs)
      hidden.push(isHidden)
      return typed[read++]
    },
    chooseSeconds: 30,
  }
  return { parts, said, waits, hidden }
}

const choosing: MachineStanding = {
  kind: 'armed',
  name: 'pc',
  selection: { kind: 'choose', choices: [choice(1), choice(2)] },
}

test('S6-041, S6-048: a required deployment starts without a question', async (t) => {
  const { parts, waits } = makeParts([])
  const chosen = await chooseDeployment(parts)
  t.deepEqual(chosen, {
    kind: 'start',
    choice: choice(9),
    session: 'session-1',
    machineName: 'pc',
    wasAsked: false,
    variables: [],
  })
  t.deepEqual(waits, [])
})

test('S6-050: an available deployment is chosen by its number, and anything else is asked again', async (t) => {
  const { parts, said } = makeParts([choosing], ['x', '0', '3', ' 2 '])
  const chosen = await chooseDeployment(parts)
  t.is(chosen.kind === 'start' ? chosen.choice.deploymentId : '', 'RVL20002')
  t.regex(
    said[0] ?? '',
    /^\npc: choose a task sequence by its number\n\n {2}1 {2}Sequence 1 - the first\n {2}2 {2}Sequence 2\n/,
  )
  t.is(said.filter((text) => text.includes('Type a number from 1 to 2.')).length, 3)
})

test('S6-020: when nobody chooses in time, the machine goes on to its next boot device', async (t) => {
  const { parts, waits } = makeParts([choosing], [undefined])
  t.deepEqual(await chooseDeployment(parts), { kind: 'nobody-chose' })
  t.deepEqual(waits, [30_000])
})

test('S6-046, S7-010: while the site does not answer, Previous leads back to the network, Enter asks again, and other keys nothing', async (t) => {
  const away = makeParts([], ['x', undefined, '', 'p'])
  const waited: boolean[] = []
  const hello: ChooseParts['hello'] = async (isAwaited) => {
    for (let again = true; again; ) waited.push((again = await isAwaited(1)))
    return undefined
  }
  t.deepEqual(await chooseDeployment({ ...away.parts, hello, hasPrevious: true }), { kind: 'previous' })
  t.deepEqual(waited, [true, true, false])
  t.is(away.said[0], 'The site does not answer. Enter = try again now, p = Previous')
})

const withEmpty: Choice = {
  ...choice(1),
  emptyVariables: [
    { name: 'Office', secret: false },
    { name: 'Floor', secret: false },
    { name: 'Pin', secret: true },
  ],
}
const choosingWithEmpty: MachineStanding = {
  kind: 'armed',
  name: 'pc',
  selection: { kind: 'choose', choices: [withEmpty, choice(2)] },
}

test('S1-068, S6-051: who chose is asked for each variable without a value, and Enter leaves it empty', async (t) => {
  const { parts, said, hidden } = makeParts(
    [choosingWithEmpty],
    ['1', 'Berlin; $(reboot) %X% ***', '', 'canary-4711', ''],
  )
  const chosen = await chooseDeployment(parts)
  t.deepEqual(chosen.kind === 'start' ? chosen.variables : [], [
    { name: 'Office', value: 'Berlin; $(reboot) %X% ***', secret: false },
    { name: 'Pin', value: 'canary-4711', secret: true },
  ])
  t.deepEqual(said.slice(-4, -1), [
    'Value of Office, Enter alone = empty:',
    'Value of Floor, Enter alone = empty:',
    'Value of Pin (what you type is not shown), Enter alone = empty:',
  ])
  t.regex(said.at(-1) ?? '', /1 {2}Office = Berlin.*\n {2}2 {2}Floor = \(empty\)\n {2}3 {2}Pin = \*\*\*\n/)
  t.deepEqual(hidden, [false, false, false, true, false])
  t.false(said.join().includes('canary'))
})

test('S1-068: another choice asks nothing, and neither does a deployment that starts by itself', async (t) => {
  const other = await chooseDeployment(makeParts([choosingWithEmpty], ['2']).parts)
  t.deepEqual(other.kind === 'start' ? other.variables : undefined, [])
  const selection = { kind: 'start', choice: withEmpty, because: 'required' } as const
  const { parts, waits } = makeParts([{ kind: 'armed', name: 'pc', selection }])
  const started = await chooseDeployment(parts)
  t.deepEqual(started.kind === 'start' ? started.variables : undefined, [])
  t.deepEqual(waits, [])
})

test('S1-068: when nobody types a value in time, nothing starts', async (t) => {
  const { parts, waits } = makeParts([choosingWithEmpty], ['1', 'Berlin', undefined])
  t.deepEqual(await chooseDeployment(parts), { kind: 'nobody-chose' })
  t.deepEqual(waits, [30_000, 30_000, 30_000])
})

const hostile = {
  'an escape sequence': '\u001b[2Jx',
  'an arrow key': 'Ber\u001b[D',
  'a NUL': 'a\u0000b',
  'what is no UTF-8': 'M\ufffdnchen',
  'a value that no variable holds': 'x'.repeat(4_001),
} as const

for (const [what, typed] of Object.entries(hostile)) {
  test(`S1-068: ${what} is no value, is not repeated on the screen, and is asked for again`, async (t) => {
    const { parts, said } = makeParts([choosingWithEmpty], ['1', '', '', typed, 'y'.repeat(4_000), ''])
    const chosen = await chooseDeployment(parts)
    t.deepEqual(chosen.kind === 'start' ? chosen.variables : [], [
      { name: 'Pin', value: 'y'.repeat(4_000), secret: true },
    ])
    t.is(said.filter((text) => text.startsWith('Value of Pin')).length, 2)
    t.false(said.some((text) => text.includes(typed)))
  })
}

test('S6-051: a value is changed on the page that lists them, and Previous leads back to the list of task sequences', async (t) => {
  const { parts } = makeParts([choosingWithEmpty], ['1', 'a', 'b', 'c', '2', 'B', 'x', ''])
  const chosen = await chooseDeployment(parts)
  t.deepEqual(chosen.kind === 'start' ? chosen.variables.map(({ value }) => value) : [], ['a', 'B', 'c'])
  const back = makeParts([choosingWithEmpty], ['1', '', '', '', 'p', '2'])
  const other = await chooseDeployment(back.parts)
  t.is(other.kind === 'start' ? other.choice.deploymentId : '', 'RVL20002')
})

test('S6-054: r and Previous search again as often as wanted, and Previous leads to the pages of a medium where it has some', async (t) => {
  const { parts, said } = makeParts([choosing, choosing, choosing], ['r', 'p', '1'])
  t.is((await chooseDeployment(parts)).kind, 'start')
  t.is(said.length, 3)
  const ofMedium = makeParts([choosing], ['p'])
  t.deepEqual(await chooseDeployment({ ...ofMedium.parts, hasPrevious: true }), { kind: 'previous' })
  const nothing: MachineStanding = { kind: 'nothing-to-run', reason: 'none', askAgainSeconds: 60 }
  const empty = makeParts([nothing, nothing], ['', 'p'])
  t.deepEqual(await chooseDeployment({ ...empty.parts, hasPrevious: true }), { kind: 'previous' })
})

test('S6-056: unattended, nobody is asked to choose', async (t) => {
  const { parts, said, waits } = makeParts([choosing], [undefined])
  const chosen = await chooseDeployment({ ...parts, isUnattended: true })
  t.is(chosen.kind === 'start' ? chosen.choice.deploymentId : '', 'RVL20009')
  t.regex(said[0] ?? '', /Nothing to run on this machine/)
  t.is(waits.length, 1)
})

test('A17: while it waits for approval the machine shows its code, once', async (t) => {
  const waiting: MachineStanding = { kind: 'waiting-for-approval', askAgainSeconds: 5 }
  const { parts, said } = makeParts([waiting, waiting])
  await chooseDeployment(parts)
  t.is(said.filter((text) => text.includes('ABCDEFGH')).length, 1)
})

test('S6-054: a machine with nothing to run says why, and asks again at once for r or Enter', async (t) => {
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
  const patient = new PassThrough()
  patient.write('3\n')
  t.is(await readLine(patient, undefined), '3')
  const gone = new PassThrough()
  gone.end()
  t.is(await readLine(gone, 1), undefined)
})

test('S1-068: on a terminal a hidden line is echoed nowhere, and another one is', async (t) => {
  const file = new URL('../../bootstrap/console.ts', import.meta.url)
  const program = `
    const { readLine } = await import(${JSON.stringify(file.href)})
    for (const isHidden of [false, true]) {
      const typed = readLine(process.stdin, 20_000, isHidden)
      console.log('ready')
      console.log(JSON.stringify([...await typed].join(' ')))
    }
  `
  // script(1) gives the program a terminal of its own, as the boot image does; the line discipline echoes there.
  const words = ['-qec', `'${process.execPath}' --input-type=module -e "$PROGRAM"`, '/dev/null']
  const child = spawn('script', words, {
    env: { ...process.env, PROGRAM: program },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const typed = ['open\r', 'hidXX\u007f\u007fden\r']
  let shown = ''
  let answered = 0
  for await (const chunk of child.stdout) {
    shown += String(chunk)
    const asked = shown.split('ready').length - 1
    for (; answered < asked; answered += 1) child.stdin.write(typed[answered] ?? '')
    if (shown.includes('"h i d d e n"')) break
  }
  t.regex(shown, /open/)
  t.regex(shown, /"o p e n"/)
  t.false(/hid/.test(shown), JSON.stringify(shown))
})
