/** Run Task Sequence as a document. */

import test from 'ava'
import { mentionsOf } from '../../../server/sequence/mentions.ts'
import { faultsOf } from '../../support/action-macros.ts'
import { actionOf } from '../../support/actions.ts'

const type = 'run-task-sequence'

test('the other task sequence is a reference', (t) => {
  t.deepEqual(
    mentionsOf(actionOf({ type, taskSequenceId: 'RVL00009' })).map((mention) => ({ ...mention })),
    [{ kind: 'reference', to: 'task-sequence', id: 'RVL00009', path: 'taskSequenceId' } as never],
  )
})
test('it is needed', faultsOf, { type }, 'taskSequenceId missing')
