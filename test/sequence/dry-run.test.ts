/** What a dry run tells: the course, the reasons, the restarts and the end, with secrets masked and bounds kept. */

import test from 'ava'
import * as fc from 'fast-check'
import type { DescribedMachine, DescribedOutcome } from '../../server/sequence/described-machine.ts'
import { type DryRunEntry, dryRun, dryRunEntriesMax } from '../../server/sequence/dry-run.ts'
import { countSteps, countStepsAt } from '../../server/sequence/progress.ts'
import { arbitraryDocument } from '../support/arbitrary-sequences.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

function machine(changes: Partial<DescribedMachine> = {}): DescribedMachine {
  return { where: 'boot-image', variables: [], outcomes: [], ...changes }
}

function outcome(step: string, changes: Partial<DescribedOutcome> = {}): DescribedOutcome {
  return { step, happens: 'ends', exitCode: 0, message: '', variables: [], ...changes }
}

function print(entry: DryRunEntry): string {
  if (entry.kind === 'restart') return `restart ${entry.target}`
  const place = `${entry.kind} ${entry.path.join('.')} ${entry.name}`
  switch (entry.kind) {
    case 'step':
      return `${place}, attempt ${entry.attempt} in ${entry.where}: ${entry.outcome ?? '-'} ${entry.exitCode ?? ''}`.trim()
    case 'skipped':
      return `${place}: ${entry.reason}${entry.because === undefined ? '' : ` (${entry.because})`}`
    case 'group-failed':
      return `${place}${entry.continued ? ', continued' : ''}`
    default:
      return place
  }
}

const sequence = sequenceOf({
  name: 'Install',
  children: [
    {
      name: 'Only PC',
      condition: { variable: 'Kind', operator: 'equals', value: 'pc' },
      action: { type: 'restart-computer' },
    },
    {
      name: 'Group',
      continueOnError: true,
      children: [commandStep('Breaks'), commandStep('After it')],
    },
    commandStep('Asks twice'),
    commandStep('Has vim', { condition: { kind: 'software', package: 'VIM' } }),
    commandStep('Has a registry', { condition: { kind: 'registry', key: 'HKLM\\Software', operator: 'exists' } }),
    commandStep('Has hosts', { condition: { kind: 'file', path: '/etc/hosts' } }),
    commandStep('Disabled', { disabled: true }),
  ],
})

test('what would run and what would be skipped is told in order, with the reasons', (t) => {
  const again = [
    { name: 'SMSTSRebootRequested', value: 'HD', secret: false },
    { name: 'SMSTSRetryRequested', value: 'true', secret: false },
  ]
  const { entries, outcome: end } = dryRun(
    sequence,
    machine({
      software: { vim: ['9.1'] },
      paths: { '/etc/hosts': { folder: true } },
      outcomes: [
        outcome('1.0', { exitCode: 3, message: 'No.' }),
        outcome('Asks twice', { attempt: 1, variables: again }),
      ],
    }),
  )
  t.deepEqual(entries.map(print), [
    'skipped 0 Only PC: condition-false (Kind equals "pc" is false: it is not set.)',
    'group 1 Group',
    'step 1.0 Breaks, attempt 1 in boot-image: failed 3',
    'skipped 1.1 After it: parent-failed',
    'group-failed 1 Group, continued',
    'step 2 Asks twice, attempt 1 in boot-image: succeeded 0',
    'restart installed-system',
    'step 2 Asks twice, attempt 2 in installed-system: succeeded 0',
    'step 3 Has vim, attempt 1 in installed-system: succeeded 0',
    'skipped 4 Has a registry: condition-false (Registry value "HKLM\\Software\\" exists is never true here, because the described machine says nothing of this kind.)',
    'skipped 5 Has hosts: condition-false (File "/etc/hosts" is false: it is a folder.)',
    'skipped 6 Disabled: disabled',
  ])
  t.deepEqual(end, { kind: 'succeeded' })
})

test('time limits and unexpected restarts can be described', (t) => {
  const limited = sequenceOf({
    name: 'Limits',
    children: [
      commandStep('Slow', { timeoutSeconds: 5, continueOnError: true }),
      commandStep('No limit'),
      commandStep('Power cut'),
    ],
  })
  const outcomes = [
    outcome('Slow', { happens: 'times-out' }),
    outcome('No limit', { happens: 'times-out' }),
    outcome('Power cut', { happens: 'restarts' }),
  ]
  const { entries, outcome: end } = dryRun(limited, machine({ where: 'installed-system', outcomes }))
  t.deepEqual(entries.map(print), [
    'step 0 Slow, attempt 1 in installed-system: failed-continued 1460',
    'step 1 No limit, attempt 1 in installed-system: succeeded 0',
    'step 2 Power cut, attempt 1 in installed-system: failed 1115',
  ])
  t.is(end?.kind === 'failed' && end.exitCode, 1115)
})

test('S1-071: actions are shown with their variables, and secrets in no place', (t) => {
  const children = [
    { action: { type: 'set-task-sequence-variable', variable: 'Pin', value: 'canary-4711', secret: true } },
    commandStep('Tells', { action: { type: 'run-command-line', commandLine: 'login %User% %Pin% %Given%' } }),
  ]
  const given = [
    { name: 'User', value: 'anna', secret: false },
    { name: 'Given', value: 'canary-4712', secret: true },
  ]
  const told = dryRun(sequenceOf({ name: 'Secrets', children }), machine({ variables: given }))
  t.notRegex(JSON.stringify(told), /canary/)
  const [sets, tells] = told.entries
  t.like(sets?.kind === 'step' && sets.action, { variable: 'Pin', value: '***' })
  t.like(tells?.kind === 'step' && tells.action, { type: 'run-command-line', commandLine: 'login anna *** ***' })
  t.deepEqual(
    told.variables.filter(({ name }) => ['Pin', 'User', 'WorkingDirectory'].includes(name)),
    [
      { name: 'User', value: 'anna', secret: false },
      { name: 'Pin', value: '***', secret: true },
    ],
  )
})

test('every kind of fact can be described', (t) => {
  const asks: readonly object[] = [
    { kind: 'os-version', system: 'debian', version: { operator: 'equals', value: '13' } },
    { kind: 'os-language', language: 'de' },
    { kind: 'folder', path: '/srv' },
    { kind: 'registry', key: 'hklm\\software', valueName: 'Done', operator: 'equals', data: '1' },
    { kind: 'wmi', query: 'SELECT * FROM Win32_Battery' },
    { kind: 'software', upgradeCode: '{90160000-008C-0000-1000-0000000ff1ce}' },
  ]
  const children = asks.map((condition, index) => commandStep(`Step ${index}`, { condition }))
  const described = machine({
    system: { system: 'debian', like: [], version: '13', architecture: 'x64' },
    language: 'de-DE',
    paths: { '/srv': { folder: true, modifiedAt: '2026-01-01T00:00:00Z' } },
    registry: { 'HKLM\\Software\\done': { type: 'REG_SZ', data: '1' } },
    wmi: { 'SELECT * FROM Win32_Battery': 1 },
    software: { '{90160000-008C-0000-1000-0000000FF1CE}': ['16.0'] },
  })
  const run = (one: DescribedMachine) =>
    dryRun(sequenceOf({ name: 'Facts', children }), one).entries.map(({ kind }) => kind)
  t.deepEqual(
    run(described),
    asks.map(() => 'step'),
  )
  t.deepEqual(
    run(machine()),
    asks.map(() => 'skipped'),
  )
  t.deepEqual(
    run(machine({ paths: {}, registry: {}, wmi: {}, software: {} })),
    asks.map(() => 'skipped'),
  )
})

test('10,000 steps are told, and what is more than can be told has no end', (t) => {
  const children = Array.from({ length: 10_000 }, (_, index) => commandStep(`Step ${index}`))
  const whole = dryRun(sequenceOf({ name: 'Large', children }), machine())
  t.is(whole.entries.length, 10_000)
  t.deepEqual(whole.outcome, { kind: 'succeeded' })
  const again = [
    { name: 'SMSTSRebootRequested', value: 'HD', secret: false },
    { name: 'SMSTSRetryRequested', value: 'true', secret: false },
  ]
  const outcomes = Array.from({ length: 19 }, (_, index) => outcome('Same', { attempt: index + 1, variables: again }))
  const same = Array.from({ length: 3_000 }, () => commandStep('Same'))
  const cut = dryRun(sequenceOf({ name: 'Again', children: same }), machine({ outcomes }))
  t.is(cut.entries.length, dryRunEntriesMax)
  t.is(cut.outcome, undefined)
})

test('S1-014 S1-020: whatever the sequence, each enabled step is told to run or to be skipped', (t) => {
  const exitCodes = fc.array(
    fc.record({ step: fc.constantFrom('One', 'Two', '0', '1.0'), exitCode: fc.constantFrom(0, 1, 3010) }),
  )
  t.notThrows(() =>
    fc.assert(
      fc.property(arbitraryDocument, exitCodes, (document, list) => {
        const random = sequenceOf(document)
        const { entries, outcome: end } = dryRun(
          random,
          machine({ outcomes: list.map(({ step, exitCode }) => outcome(step, { exitCode })) }),
        )
        const ran = new Set(entries.flatMap((entry) => (entry.kind === 'step' ? [entry.path.join('.')] : [])))
        const skipped = entries.flatMap((entry) => (entry.kind === 'skipped' ? [countStepsAt(random, entry.path)] : []))
        return end !== undefined && ran.size + skipped.reduce((sum, steps) => sum + steps, 0) === countSteps(random)
      }),
      { numRuns: 300 },
    ),
  )
})
