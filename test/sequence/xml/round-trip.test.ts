/** What XML can say comes back from it as it was; what it cannot is announced (S11). */

import test from 'ava'
import * as fc from 'fast-check'
import { printSequence } from '../../../server/sequence/xml/print-sequence.ts'
import { printXml } from '../../../server/sequence/xml/print-xml.ts'
import { readSequence } from '../../../server/sequence/xml/read-sequence.ts'
import { isActionType } from '../../../server/sequence/step-types.ts'
import type { TaskSequence } from '../../../server/sequence/task-sequence.ts'
import { parseXml } from '../../../server/http/parse-xml.ts'
import { arbitraryDocument } from '../../support/arbitrary-sequences.ts'
import { sequenceOf } from '../../support/sequences.ts'
import { sayableActions } from './actions.ts'

function throughXml(sequence: TaskSequence) {
  const printed = printSequence(sequence)
  const read = readSequence(parseXml(new TextEncoder().encode(printXml(printed.root, 'a -- comment --'))))
  return { printed, read }
}

for (const [type, actions] of Object.entries(sayableActions)) {
  for (const [index, action] of actions.entries()) {
    test(`S11-001: ${type} goes through XML and comes back as it was, ${index + 1}`, (t) => {
      t.true(isActionType(type))
      const step = { name: 'A <step> & "more"', description: 'two\nlines\tand a tab', action: { type, ...action } }
      const sequence = sequenceOf({ name: 'One', children: [step] })
      const { printed, read } = throughXml(sequence)
      t.deepEqual(printed.notes, [])
      t.is(read.kind, 'read')
      if (read.kind !== 'read') return
      t.deepEqual(read.notes, [])
      t.deepEqual(read.sequence, sequence)
    })
  }
}

test('S11-001: groups, flags, time limits and conditions go through XML and come back as they were', (t) => {
  const sequence = sequenceOf({
    name: 'Conditions',
    description: 'All of them',
    children: [
      {
        name: 'Group',
        disabled: true,
        continueOnError: true,
        condition: {
          kind: 'any',
          conditions: [
            { variable: 'A', operator: 'exists' },
            { variable: 'A', operator: 'not-exists' },
            { variable: 'A', operator: 'less-equal', value: ' 7 ' },
            { variable: 'A', operator: 'not-like', value: '%B%*' },
            { kind: 'none', conditions: [{ kind: 'wmi', query: "SELECT * FROM Win32_BIOS WHERE Name LIKE '%x%'" }] },
            { kind: 'all', conditions: [{ kind: 'os-language', language: 'de-DE' }] },
            {
              kind: 'file',
              path: 'C:\\a.exe',
              version: { operator: 'greater', value: '1.2' },
              modified: { operator: 'less', at: '2026-01-31T08:00:00Z' },
            },
            { kind: 'folder', path: '/srv', modified: { operator: 'not-equals', at: '2026-01-31' } },
            {
              kind: 'registry',
              key: 'HKLM\\Software',
              valueName: 'V',
              operator: 'equals',
              type: 'REG_DWORD',
              data: '1',
            },
            { kind: 'software', productCode: '{90160000-008C-0000-1000-0000000FF1CE}' },
            { kind: 'software', upgradeCode: '{90160000-008C-0000-1000-0000000FF1CE}' },
          ],
        },
        children: [
          { name: 'Inner', children: [] },
          {
            name: 'Step',
            timeoutSeconds: 90,
            condition: [{ variable: 'B', operator: 'equals', value: '' }],
            action: { type: 'restart-computer' },
          },
        ],
      },
    ],
  })
  const { printed, read } = throughXml(sequence)
  t.deepEqual(printed.notes, [])
  t.true(read.kind === 'read')
  if (read.kind === 'read') t.deepEqual(read, { kind: 'read', sequence, notes: [], typeAgain: [] })
})

test('whatever a sequence holds, it comes back with as many steps, and each difference was announced', (t) => {
  const property = fc.property(arbitraryDocument, (document) => {
    const sequence = sequenceOf(document)
    const { printed, read } = throughXml(sequence)
    if (read.kind !== 'read') return false
    const same = JSON.stringify(read.sequence) === JSON.stringify(sequence)
    return same || printed.notes.length > 0
  })
  t.notThrows(() => fc.assert(property, { numRuns: 300 }))
})

test('S11-003: no secret is in the XML, and each is in the list of what must be typed again', (t) => {
  const secret = 'S3cret!pass'
  const sequence = sequenceOf({
    name: 'Secrets',
    children: [
      {
        name: 'Join',
        action: { type: 'join-domain-or-workgroup', domainName: 'example.org', account: 'A\\b', password: secret },
      },
      {
        name: 'Folder',
        action: { type: 'connect-to-network-folder', path: '\\\\s\\t', account: 'a', password: secret },
      },
      {
        name: 'Run',
        action: { type: 'run-command-line', commandLine: 'x', runAsUser: true, userName: 'a', userPassword: secret },
      },
      { name: 'Set', action: { type: 'set-task-sequence-variable', variable: 'Hidden', value: secret, secret: true } },
      {
        name: 'Rules',
        action: {
          type: 'set-dynamic-variables',
          rules: [{ variables: [{ variable: 'X', value: secret, secret: true }] }],
        },
      },
      {
        name: 'Windows',
        action: { type: 'apply-windows-settings', randomAdminPassword: false, localAdminPassword: secret },
      },
    ],
  })
  const { printed, read } = throughXml(sequence)
  t.false(printXml(printed.root).includes(secret))
  t.false(JSON.stringify(printed.notes).includes(secret))
  t.deepEqual(
    printed.typeAgain.map(({ path }) => path),
    [
      'children[0].action.password',
      'children[1].action.password',
      'children[2].action.userPassword',
      'children[3].action.value',
      'children[4].action.rules[0].variables[0].value',
      'children[5].action.localAdminPassword',
    ],
  )
  t.true(read.kind === 'read')
  if (read.kind !== 'read') return
  t.deepEqual(
    read.typeAgain.map(({ path }) => path),
    printed.typeAgain.map(({ path }) => path).filter((path) => !path.includes('rules')),
  )
  t.deepEqual(
    read.sequence.children.map((node) => node.disabled),
    [false, false, false, false, true, true],
    'a step that cannot do without its secret waits for it, disabled',
  )
})
