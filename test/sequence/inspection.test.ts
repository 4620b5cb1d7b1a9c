/** What a condition asks of the machine, and which answers are taken. */

import test from 'ava'
import { AssertionError } from '../../server/assert.ts'
import type { Condition, MachineCondition } from '../../server/sequence/condition.ts'
import { type MachineAnswer, pairAnswers, questionsOf } from '../../server/sequence/inspection.ts'
import { environmentOf } from '../support/actions.ts'

const language: MachineCondition = { kind: 'os-language', language: 'de' }
const system: MachineCondition = { kind: 'os-version', system: 'debian' }
const file: MachineCondition = { kind: 'file', path: '/srv/%Site%' }
const folder: MachineCondition = { kind: 'folder', path: '/opt/%Site%' }
const wmi: MachineCondition = { kind: 'wmi', namespace: 'root\\%Site%', query: 'SELECT * FROM %Site%' }
const installed: MachineCondition = { kind: 'software', package: 'tool-%Site%' }

test('S1-023: each kind asks its own question, in the order of the document, with variables replaced', (t) => {
  const condition: Condition = {
    kind: 'any',
    conditions: [
      language,
      { kind: 'variable', variable: 'X', operator: 'exists', value: '' },
      { kind: 'none', conditions: [system, { kind: 'all', conditions: [file, folder] }] },
      wmi,
      { kind: 'registry', key: 'HKLM\\%Site%', valueName: '%Site%', operator: 'exists', data: '' },
      installed,
    ],
  }
  t.deepEqual(questionsOf(condition, environmentOf({ Site: 'lab' })), [
    { kind: 'os-language' },
    { kind: 'os-version' },
    { kind: 'file', path: '/srv/lab' },
    { kind: 'folder', path: '/opt/lab' },
    { kind: 'wmi', namespace: 'root\\lab', query: 'SELECT * FROM lab' },
    { kind: 'registry', key: 'HKLM\\lab', valueName: 'lab' },
    { kind: 'software', package: 'tool-lab' },
  ])
})

const path: MachineAnswer = { kind: 'path', found: 'nothing' }
const rows: MachineAnswer = { kind: 'wmi', rows: 0 }
const unavailable: MachineAnswer = { kind: 'unavailable', reason: 'nobody knows' }

test('an answer fits its question: a path for files and folders, its own kind for the others, and "unavailable" for all', (t) => {
  const fitting: readonly (readonly [MachineCondition, MachineAnswer])[] = [
    [file, path],
    [folder, path],
    [wmi, rows],
    [language, { kind: 'os-language', language: 'de-DE' }],
    [installed, { kind: 'software', versions: [] }],
  ]
  for (const [condition, answer] of fitting) {
    t.is(pairAnswers(condition, [answer]).get(condition), answer)
    t.is(pairAnswers(condition, [unavailable]).get(condition), unavailable)
  }
})

test('an answer of another kind, one too few or one too many is our own mistake', (t) => {
  const both: Condition = { kind: 'all', conditions: [file, wmi] }
  for (const answers of [[path], [path, rows, rows], [rows, path], [rows, rows], [path, path], []]) {
    t.throws(() => pairAnswers(both, answers), { instanceOf: AssertionError }, JSON.stringify(answers))
  }
  t.is(pairAnswers(both, [path, rows]).size, 2)
})
