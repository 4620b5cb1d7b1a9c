/** A sequence that begins with all of its content (S5-030). */

import test from 'ava'
import { withDownloadFirst } from '../../server/sequence/download-first.ts'
import { packageId } from '../support/boot-fixtures.ts'
import { sequenceOf } from '../support/sequences.ts'

const sequence = sequenceOf({
  name: 'S',
  children: [{ name: 'A', action: { type: 'run-command-line', commandLine: 'a' } }],
})
const [with1, with2, empty] = ['RVL00001', 'RVL00002', 'RVL00003'].map((id) => ({
  id: packageId(id),
  files: id === 'RVL00003' ? [] : ['a file'],
}))

test('S5-030: the first step fetches every content that has files', (t) => {
  const list = [with1, with2, empty].filter((content) => content !== undefined)
  const { sequence: complete, downloadsFirst } = withDownloadFirst(sequence, list)
  t.true(downloadsFirst)
  t.like(complete.children[0], { action: { content: [{ id: 'RVL00001' }, { id: 'RVL00002' }] } })
  t.deepEqual(complete.children.slice(1), sequence.children)
})

test('S5-030: with nothing to fetch there is no such step', (t) => {
  const list = [empty].filter((content) => content !== undefined)
  t.deepEqual(withDownloadFirst(sequence, list), { sequence, downloadsFirst: false })
})
