/** Who is in a collection (configmgr-spec 6.3). */

import test from 'ava'
import { unknownComputers } from '../../server/site/unknown-computer.ts'
import { collectionsOf, isMember } from '../../server/targeting/membership.ts'
import { collection, device, deviceId } from '../support/boot-fixtures.ts'

const allSystems = collection('RVL10001', { kind: 'all-systems' })
const allUnknown = collection('RVL10002', { kind: 'all-unknown-computers' })
const named = collection('RVL10003', { directMembers: [deviceId('16777217')] })
const everyCollection = [allSystems, allUnknown, named]

test('S6-014: a known device is in All Systems and in the collections that name it', (t) => {
  t.deepEqual(collectionsOf(everyCollection, device()), [allSystems, named])
})

test('S6-015: a known device that nothing names is not in All Unknown Computers', (t) => {
  t.deepEqual(collectionsOf(everyCollection, device({ id: deviceId('16777299') })), [allSystems])
})

for (const unknown of unknownComputers) {
  test(`S6-014, S6-015, S6-016: ${unknown.name} is in All Unknown Computers and nowhere else`, (t) => {
    t.deepEqual(collectionsOf(everyCollection, unknown), [allUnknown])
    t.false(isMember(allSystems, unknown))
  })
}
