/** References that an import gives new ids: each of them, wherever it stands, and nothing else. */

import test from 'ava'
import { type PackageId, parsePackageId } from '../../server/address/identifiers.ts'
import { findReferences } from '../../server/sequence/mentions.ts'
import { rewriteReferences } from '../../server/sequence/rewrite-references.ts'
import { sequenceOf } from '../support/sequences.ts'

const sequence = sequenceOf({
  name: 'Imported',
  description: 'Of RVL00001',
  children: [
    {
      name: 'Group RVL00001',
      children: [
        { name: 'Image', action: { type: 'apply-operating-system-image', imageId: 'RVL00001' } },
        {
          name: 'Apps',
          disabled: true,
          action: { type: 'install-application', applications: ['RVL00002', 'RVL00003', 'RVL00002'] },
        },
      ],
    },
    {
      name: 'Download',
      action: {
        type: 'download-package-content',
        content: [
          { kind: 'package', id: 'RVL00004' },
          { kind: 'boot-image', id: 'RVL00005' },
        ],
      },
    },
    {
      name: 'Says RVL00001',
      action: { type: 'run-command-line', commandLine: 'echo RVL00001', packageId: 'RVL00001' },
    },
  ],
})

function id(text: string): PackageId {
  const parsed = parsePackageId(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}

test('S11-004: each reference gets its new id, and texts that look like one stay', (t) => {
  const asked: string[] = []
  const rewritten = rewriteReferences(sequence, (kind, old) => {
    asked.push(`${kind} ${old}`)
    return id(old.replace('RVL0000', 'RVL000A'))
  })
  t.deepEqual(
    JSON.parse(JSON.stringify(rewritten)),
    JSON.parse(JSON.stringify(sequence).replaceAll(/"RVL0000([0-9])"/g, '"RVL000A$1"')),
  )
  t.is(rewritten.description, 'Of RVL00001')
  t.deepEqual(new Set(asked), new Set(findReferences(sequence).map(({ kind, id: old }) => `${kind} ${old}`)))
})

test('S11-004: the kind tells apart two objects of one id', (t) => {
  const rewritten = rewriteReferences(sequence, (kind, old) => (kind === 'package' ? id('RVL0AAAA') : old))
  t.deepEqual(
    findReferences(rewritten).map(({ id: now }) => now),
    findReferences(sequence).map(({ kind, id: old }) => (kind === 'package' ? id('RVL0AAAA') : old)),
  )
})
