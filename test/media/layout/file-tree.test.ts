/** Names that any reader of a medium can hold, and an order that depends on the names alone. */

import test from 'ava'
import * as fc from 'fast-check'
import { buildFileTree, filesOf, foldersOf, type MediaEntry, type TreeFolder } from '../../../media/layout/file-tree.ts'
import { emptyLayout } from '../../../media/layout/layout.ts'
import { type LayoutFault, printLayoutFault } from '../../../media/layout/layout-fault.ts'

const file = (path: string): MediaEntry => ({ kind: 'file', path, content: emptyLayout })
const folder = (path: string): MediaEntry => ({ kind: 'folder', path })

function treeOf(entries: readonly MediaEntry[]): TreeFolder {
  const tree = buildFileTree(entries)
  if (tree.kind === 'refused') throw new Error(tree.faults.map(printLayoutFault).join('\n'))
  return tree
}

const refused = test.macro((t, entries: readonly MediaEntry[], expected: readonly LayoutFault[]) => {
  const tree = buildFileTree(entries)
  t.deepEqual(tree.kind === 'refused' ? tree.faults : [], expected)
})

test('folders come with their files, and all is in the order of names', (t) => {
  const entries = [file('SMS/data/b'), file('a'), folder('SMS/empty'), file('SMS/data/B2'), folder('SMS')]
  const turned = treeOf([...entries].reverse())
  t.deepEqual(turned, treeOf(entries))
  t.deepEqual(
    foldersOf(turned).map(({ path }) => path),
    ['', 'SMS', 'SMS/data', 'SMS/empty'],
  )
  t.deepEqual(
    filesOf(turned).map(({ path }) => path),
    ['a', 'SMS/data/B2', 'SMS/data/b'],
  )
})

test('the order of what is given changes nothing', (t) => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}(\/[0-9]{1,2}){0,3}$/), { maxLength: 8 })
  fc.assert(
    fc.property(names, fc.infiniteStream(fc.nat()), (names, order) => {
      const entries = names.map(file)
      const isTree = buildFileTree(entries).kind === 'folder'
      fc.pre(isTree)
      const keys = new Map(entries.map((entry) => [entry, order.next().value]))
      const shuffled = [...entries].sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0))
      t.deepEqual(buildFileTree(shuffled), buildFileTree(entries))
    }),
  )
})

const impossible = [
  '',
  '/a',
  'a/',
  'a//b',
  '.',
  'a/..',
  'a:b',
  'a\\b',
  'tab\t',
  'dot.',
  'space ',
  '\ud800',
  'x'.repeat(256),
]
for (const path of [...impossible, 'ü'.repeat(128)]) {
  test(
    `is no name on a medium: ${JSON.stringify(path).slice(0, 20)}`,
    refused,
    [file(path)],
    [{ kind: 'name-not-possible', path }],
  )
}

test(
  'names of 255 octets, with umlauts, spaces inside and dots in front, are possible',
  refused,
  ['x'.repeat(255), `${'ü'.repeat(127)}x`, 'a b', '.profile', 'straße', 'STRASSE', '😀'].map(file),
  [],
)

test(
  'a file twice, and two names that differ in case only, are refused with both',
  refused,
  [file('a'), file('a'), file('B/c'), file('b/d'), file('ä'), file('Ä')],
  [
    { kind: 'named-twice', path: 'a' },
    { kind: 'names-differ-in-case-only', path: 'b/d', other: 'B' },
    { kind: 'names-differ-in-case-only', path: 'Ä', other: 'ä' },
  ],
)

test(
  'nothing lies below a file, and a folder is no file',
  refused,
  [file('a'), file('a/b'), folder('c'), file('c')],
  [
    { kind: 'below-a-file', path: 'a/b', file: 'a' },
    { kind: 'named-twice', path: 'c' },
  ],
)

test('each fault is a sentence that names what it is about', (t) => {
  t.regex(printLayoutFault({ kind: 'name-not-possible', path: 'x/dot.' }), /^x\/dot\.: .*Rename it\.$/)
  t.regex(printLayoutFault({ kind: 'too-many-entries', path: '' }), /^The folder \/ has more/)
  t.regex(
    printLayoutFault({ kind: 'file-too-large', path: 'install.wim', bytes: 5e9, bytesMax: 4_294_967_295 }),
    /^install\.wim has 5000000000 octets, .*4294967295\. Make an ISO image/,
  )
})
