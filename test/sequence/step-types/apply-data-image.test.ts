/** Apply Data Image as a document: defaults, limits, contradictions. */

import test from 'ava'
import { stepTypes } from '../../../server/sequence/step-types.ts'
import { actionOf, faultsIn } from '../../support/actions.ts'

const type = 'apply-data-image'

test('S2-059: by default the content of the partition goes first', (t) => {
  t.deepEqual(actionOf({ type, imageId: 'RVL00004' }), {
    type,
    imageId: 'RVL00004',
    imageIndex: 1,
    deleteContentFirst: true,
  })
})

test('S2-059: variables decide the index, and whether the content goes', (t) => {
  const { fields } = stepTypes[type]
  t.is(fields.imageIndex.variable, 'OSDDataImageIndex')
  t.is(fields.deleteContentFirst.variable, 'OSDWipeDestinationPartition')
})

test('S2-059: an image is needed, and one destination', (t) => {
  t.deepEqual(faultsIn({ type }), ['imageId missing'])
  const both = { destination: { partitionNumber: 2 }, destinationVariable: 'Data' }
  t.deepEqual(faultsIn({ type, imageId: 'RVL00004', ...both }), ['destinationVariable contradiction'])
})
