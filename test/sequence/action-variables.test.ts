/** What an action brings along while it runs: which of its fields, in which words, and which of them are secrets. */

import test from 'ava'
import { actionVariables, lastingEnvironment } from '../../server/sequence/action-variables.ts'
import { advance, startRun } from '../../server/sequence/advance.ts'
import { valueOf } from '../../server/sequence/environment.ts'
import { resolveAction } from '../../server/sequence/resolve-action.ts'
import { readAction, environmentOf, type Written } from '../support/actions.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

function broughtBy(
  written: Written,
  variables: Readonly<Record<string, string>> = {},
  secrets: readonly string[] = [],
) {
  const environment = environmentOf(variables, secrets)
  const action = readAction(written)
  const resolved = resolveAction(action, environment)
  if (resolved.kind === 'unusable') throw new Error(resolved.message)
  const brought = actionVariables(action, resolved.action, environment)
  return brought.map(({ name, value, secret }) => `${name}=${value}${secret ? ' (secret)' : ''}`)
}

const runAs = { type: 'run-command-line', commandLine: 'true', runAsUser: true, userName: 'deploy', userPassword: 'pw' }

const accountOf = (brought: readonly string[]) => brought.filter((text) => text.includes('CommandLineUser'))

test('S1-056 S1-071: a field that is a secret is a secret variable, and the others are not', (t) => {
  t.deepEqual(accountOf(broughtBy(runAs)), [
    'SMSTSRunCommandLineUserName=deploy',
    'SMSTSRunCommandLineUserPassword=pw (secret)',
  ])
})

test('S1-056 S1-071: what is made from a secret is one too', (t) => {
  t.deepEqual(accountOf(broughtBy({ ...runAs, userName: '%Who%' }, { Who: 'admin' }, ['Who'])), [
    'SMSTSRunCommandLineUserName=admin (secret)',
    'SMSTSRunCommandLineUserPassword=pw (secret)',
  ])
})

test('S1-056: numbers, flags and lists are written as a variable would say them', (t) => {
  t.true(broughtBy({ type: 'convert-disk-to-dynamic', diskNumber: 2 }).includes('OSDConvertDiskIndex=2'))
  const settings = { type: 'apply-windows-settings', randomAdminPassword: true }
  t.true(broughtBy(settings).includes('OSDRandomAdminPassword=true'))
  const network = { type: 'apply-network-settings', dnsSuffixes: ['a.example', 'b.example'] }
  t.true(broughtBy(network).includes('OSDDNSSuffixSearchOrder=a.example,b.example'))
})

test('S1-056: a watcher is told of the environment without them, and of all of it otherwise', (t) => {
  const step = commandStep('Runs', {
    action: { type: 'run-command-line', commandLine: 'true', workingDirectory: '/srv' },
  })
  const given = [{ name: 'Site', value: 'lab', secret: false }]
  const ready = startRun(sequenceOf({ name: 'Told', children: [step] }), given)
  t.is(lastingEnvironment(ready), ready.environment)
  const { run } = advance(ready, { kind: 'start' })
  t.is(valueOf(run.environment, 'WorkingDirectory'), '/srv')
  t.is(valueOf(lastingEnvironment(run), 'WorkingDirectory'), '')
  t.is(valueOf(lastingEnvironment(run), 'Site'), 'lab')
})
