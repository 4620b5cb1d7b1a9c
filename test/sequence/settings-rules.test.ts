/** Rules that follow from the settings alone: high-impact, the program that runs first, the name of a copy. */

import test from 'ava'
import * as fc from 'fast-check'
import type { PackageId } from '../../server/address/identifiers.ts'
import { copyName } from '../../server/sequence/copy-name.ts'
import { isHighImpact } from '../../server/sequence/high-impact.ts'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import { programToRunFirst } from '../../server/sequence/run-first.ts'
import type { TaskSequence } from '../../server/sequence/task-sequence.ts'

function sequence(...children: readonly object[]): TaskSequence {
  const parsed = parseSequence({ name: 'Install', children })
  if (parsed.kind === 'valid') return parsed.sequence
  throw new Error(JSON.stringify(parsed.faults))
}

const apply = { action: { type: 'apply-operating-system-image', imageId: 'RVL00001' } }
const partition = {
  action: {
    type: 'format-and-partition-disk',
    diskNumber: 0,
    diskType: 'gpt',
    partitions: [{ name: 'Root', use: 'primary', size: { percentOfRemaining: 100 }, fileSystem: 'ext4' }],
  },
}
const harmless = { action: { type: 'run-command-line', commandLine: 'true' } }

const impact = test.macro((t, children: readonly object[], forced: boolean, expected: boolean) => {
  t.is(isHighImpact(sequence(...children), { highImpact: forced }), expected)
})

test('S1-083: applying an operating system is high-impact', impact, [harmless, apply], false, true)
test('S1-083: partitioning a disk is high-impact', impact, [{ name: 'Disk', children: [partition] }], false, true)
test('S1-083: a command is not', impact, [harmless], false, false)
test('S1-083: a disabled step does nothing', impact, [{ ...apply, disabled: true }], false, false)
test(
  'S1-083: nor does one under a disabled group',
  impact,
  [{ name: 'Off', disabled: true, children: [partition] }],
  false,
  false,
)
test(
  'S1-083: a step with a condition may do it',
  impact,
  [{ ...apply, condition: [{ kind: 'variable', variable: 'A', operator: 'exists' }] }],
  false,
  true,
)
test('S1-083: the administrator may say so of any', impact, [], true, true)

const runFirst = { packageId: 'RVL0000A' as PackageId, programName: 'Check' }

test('S1-075, S5-047: the program runs before the sequence in the installed system only, and not again once it succeeded', (t) => {
  const asked = { startedFrom: 'client', succeededBefore: false } as const
  t.deepEqual(programToRunFirst({ runFirst }, asked), runFirst)
  t.is(programToRunFirst({ runFirst }, { ...asked, succeededBefore: true }), undefined)
  t.is(programToRunFirst({ runFirst }, { ...asked, startedFrom: 'pxe' }), undefined)
  t.is(programToRunFirst({ runFirst }, { ...asked, startedFrom: 'media' }), undefined)
  t.is(programToRunFirst({}, asked), undefined)
})

test('S1-099, S1-010: a copy has a name that is free', (t) => {
  const taken = new Set(['Install - Copy', 'Install - Copy 2'])
  t.is(
    copyName('Install', () => false),
    'Install - Copy',
  )
  t.is(
    copyName('Install', (name) => taken.has(name)),
    'Install - Copy 3',
  )
  t.is(
    copyName('Install - Copy', (name) => taken.has(name)),
    'Install - Copy - Copy',
  )
})

test('S1-010: the name of a copy is a name, whatever it is a copy of', (t) => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(name, fc.integer({ min: 0, max: 120 }), (original, takenCopies) => {
      let asked = 0
      const copy = copyName(original.slice(0, 50).toWellFormed(), () => (asked += 1) <= takenCopies)
      return copy.length <= 50 && copy.isWellFormed() && copy.includes(' - Copy')
    }),
  )
  t.is(
    copyName(`${'x'.repeat(42)}\u{1F600}${'x'.repeat(6)}`, () => false),
    `${'x'.repeat(42)} - Copy`,
  )
})
