/** Where the rules about variables begin and end: the last name that is read, the last secret that is remembered. */

import test from 'ava'
import { advance, startRun } from '../../server/sequence/advance.ts'
import {
  emptyEnvironment,
  type Environment,
  environmentBytesMax,
  formerSecretsMax,
  refuseName,
  setVariables,
  valueOf,
} from '../../server/sequence/environment.ts'
import { changedVariables, maskSecrets } from '../../server/sequence/mask-secrets.ts'
import { substitute } from '../../server/sequence/substitute.ts'
import { environmentOf } from '../support/actions.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

test('S1-051 S1-060: the longest name is replaced, a longer one is only text', (t) => {
  const longest = 'n'.repeat(256)
  const environment = environmentOf({ [longest]: 'found' })
  t.is(substitute(`<%${longest}%>`, environment), '<found>')
  t.is(substitute(`<%${longest}n%>`, environment), `<%${longest}n%>`)
  // What is too long to be a name may still end where one begins.
  t.is(substitute(`<%${longest}n%${longest}%>`, environment), `<%${longest}nfound>`)
})

test('S1-060: what stands far inside a text is replaced like what stands at its beginning', (t) => {
  const environment = environmentOf({ Name: 'lab-1' })
  t.is(substitute(`${'x'.repeat(1_000)}%Name%`, environment), `${'x'.repeat(1_000)}lab-1`)
})

test('S1-051: a refusal shows the beginning of a name, and never all of a long one', (t) => {
  const name = `1${'n'.repeat(300)}`
  t.like(refuseName(name, 'product'), { kind: 'refused', code: 'bad-variable-name' })
  t.true((refuseName(name, 'product')?.message ?? '').length < 200)
  const readOnly = refuseName(` _${'n'.repeat(255)} `, 'step')
  t.is(readOnly?.code, 'read-only-variable')
  t.true((readOnly?.message ?? '').length < 200)
})

test('S1-053: the limit of all variables holds for an environment that came back from a restart', (t) => {
  const room = Math.floor(environmentBytesMax / (2 * 4_006))
  const full = Array.from({ length: room }, (_, index) => ({
    name: `V${10_000 + index}`,
    value: 'x'.repeat(4_000),
    secret: false,
  }))
  const set = setVariables(emptyEnvironment, full, 'product')
  if (set.kind !== 'set') throw new Error(set.message)
  const restored: Environment = JSON.parse(JSON.stringify(set.environment))
  const more = [{ name: 'More', value: 'y'.repeat(4_000), secret: false }]
  t.like(setVariables(restored, more, 'product'), { kind: 'refused', code: 'environment-full' })
  // What was there may be made shorter, and then there is room.
  const shorter = [{ name: 'V10000', value: '', secret: false }, ...more]
  t.is(setVariables(restored, shorter, 'product').kind, 'set')
})

test('S1-071: of the secrets that were, the newest hundred are still masked', (t) => {
  let environment: Environment = emptyEnvironment
  for (let index = 0; index <= formerSecretsMax + 1; index += 1) {
    const set = setVariables(environment, [{ name: 'Pin', value: `secret-${1_000 + index}`, secret: true }], 'product')
    if (set.kind !== 'set') throw new Error(set.message)
    environment = set.environment
  }
  t.is(environment.formerSecrets?.length, formerSecretsMax)
  t.is(maskSecrets('secret-1000 secret-1001 secret-1101', environment), 'secret-1000 *** ***')
})

test('S1-071: a variable that becomes a secret has changed, though its value has not', (t) => {
  const before = environmentOf({ Pin: '77' })
  const set = setVariables(before, [{ name: 'Pin', value: '77', secret: true }], 'product')
  if (set.kind !== 'set') throw new Error(set.message)
  t.deepEqual(changedVariables(environmentOf({ Pin: '77' }), set.environment), [
    { name: 'Pin', value: '***', secret: true },
  ])
})

test('S1-071: a long message is masked before it is cut, so that no half of a secret is left', (t) => {
  const secret = { name: 'Pin', value: 'swordfish', secret: true }
  const { run } = advance(startRun(sequenceOf({ name: 'Long', children: [commandStep('Fails')] }), [secret]), {
    kind: 'start',
  })
  const message = `${'x'.repeat(3_996)}swordfish and more`
  const { state } = advance(run, { kind: 'step-ended', exitCode: 1, message, variables: [] }).run
  t.is(
    state.kind === 'ended' && state.outcome.kind === 'failed' && state.outcome.message,
    `${'x'.repeat(3_996)}*** `.slice(0, 4_000),
  )
  t.is(valueOf(run.environment, 'pin'), 'swordfish')
})
