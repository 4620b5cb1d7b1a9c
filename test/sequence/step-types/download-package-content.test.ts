/** Download Package Content as a document. */

import test from 'ava'
import { mentionsOf } from '../../../server/sequence/mentions.ts'
import { pathVariableOf } from '../../../server/sequence/step-types/download-package-content.ts'
import { defaultsOf, faultsOf } from '../../support/action-macros.ts'
import { actionOf } from '../../support/actions.ts'

const type = 'download-package-content'
const content = [{ id: 'RVL00001' }]

test(
  'S2-040: defaults',
  defaultsOf,
  { type, content },
  {
    content: [{ kind: 'package', id: 'RVL00001' }],
    location: 'working-directory',
    customPath: '',
    continueOnFailure: false,
  },
)
test(
  'S2-040: the kinds',
  faultsOf,
  { type, content: [{ kind: 'application', id: 'RVL00001' }] },
  'content[0].kind not-allowed',
)
test('S2-040: there is something to fetch', faultsOf, { type, content: [] }, 'content too-few')
test('S2-040: an id has a form', faultsOf, { type, content: [{ id: 'tools' }] }, 'content[0].id bad-package-id')
test('S2-040: a folder of your own is named', faultsOf, { type, content, location: 'custom' }, 'customPath missing')
test('S2-040: and for nothing else', faultsOf, { type, content, customPath: '/srv' }, 'customPath contradiction')
test(
  'S2-040: it is absolute',
  faultsOf,
  { type, content, location: 'custom', customPath: 'srv' },
  'customPath bad-characters',
)

test('S2-040: each content is a reference of its kind', (t) => {
  const action = actionOf({
    type,
    content: [{ id: 'RVL00001' }, { kind: 'driver-package', id: 'RVL00002' }, { kind: 'boot-image', id: 'RVL00003' }],
    pathVariable: 'MyContent',
  })
  t.deepEqual(
    mentionsOf(action).map((mention) => [
      mention.path,
      'to' in mention ? mention.to : 'variable' in mention ? mention.variable : '',
    ]),
    [
      ['content[0].id', 'package'],
      ['content[1].id', 'driver-package'],
      ['content[2].id', 'boot-image'],
      ['pathVariable', 'MyContent01'],
    ],
  )
})

test('S2-041: the name gets a suffix of two digits', (t) => {
  t.deepEqual([pathVariableOf('MyContent', 0), pathVariableOf('MyContent', 98)], ['MyContent01', 'MyContent99'])
})
