/** The version that the XML of a task sequence says it is of. */

import test from 'ava'
import { xmlElement } from '../../../server/sequence/xml/element.ts'
import { readSequence } from '../../../server/sequence/xml/read-sequence.ts'

const understands = test.macro((t, version: string, expected: boolean) => {
  const result = readSequence(xmlElement('sequence', { attributes: { version } }))
  t.is(result.kind === 'read', expected)
  if (result.kind === 'read') return
  t.is(result.faults.length, 1)
  t.is(result.faults[0]?.path, 'version')
  t.true(result.faults[0]?.message.includes(version.slice(0, 20)))
})

test('S1-011: 3.00 is the version that the source system writes', understands, '3.00', true)
test('S1-011: later ones of the same kind are read', understands, '3.10', true)
test('S1-011: white space around it means nothing', understands, ' 3.00 ', true)
test('S1-011: another kind is refused, not guessed at', understands, '4.00', false)
test('S1-011: an older kind is refused', understands, '2.50', false)
test('S1-011: a version that only begins alike is refused', understands, '3.00beta', false)
test('S1-011: a version that only ends alike is refused', understands, '13.00', false)
test('S1-011: a version of any length is refused in one sentence', understands, '9'.repeat(100_000), false)

test('S1-011: a related program says no version', (t) => {
  t.is(readSequence(xmlElement('sequence')).kind, 'read')
})
