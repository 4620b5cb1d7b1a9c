/** What is refused of a deployment, and that one which is there is judged only where it changes (configmgr-spec 5). */

import test from 'ava'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import { defaultSettings } from '../../server/sequence/task-sequence-settings.ts'
import { assert } from '../../server/assert.ts'
import type { Deployment } from '../../server/site/deployment.ts'
import { deploymentFaults, type DeploymentSurroundings } from '../../server/targeting/deployment-faults.ts'
import { collection, collectionId, deployment, now, packageId, required } from '../support/boot-fixtures.ts'

const apply = { type: 'apply-operating-system-image', imageId: 'RVL00009' }
const say = { type: 'run-command-line', commandLine: 'true' }

function sequenceWith(action: object, bootImage: 'none' | 'linux' = 'linux') {
  const parsed = parseSequence({ name: 'Install', children: [{ name: 'Step', action }] })
  assert(parsed.kind === 'valid', 'the sequence of the test is sound')
  const object = { id: packageId('RVL00002'), settings: defaultSettings, sequence: parsed.sequence }
  return bootImage === 'none' ? object : { ...object, bootImageId: packageId('RVL00001') }
}

const lab = collection('RVL10003', { name: 'Lab' })
const allSystems = collection('RVL10001', { name: 'All Systems', kind: 'all-systems' })
const allUnknown = collection('RVL10002', { name: 'All Unknown Computers', kind: 'all-unknown-computers' })
const installs = { sequence: sequenceWith(apply), collection: lab }

const faults = test.macro(
  (
    t,
    change: Partial<Deployment>,
    around: Partial<DeploymentSurroundings>,
    expected: Readonly<Record<string, RegExp>>,
  ) => {
    const found = deploymentFaults(deployment('RVL20001', change), { ...installs, ...around })
    t.deepEqual(
      found.map(({ path }) => path.join('.')),
      Object.keys(expected),
    )
    for (const { path, message } of found) t.regex(message, expected[path.join('.')] ?? /never/)
  },
)

const risky = {
  collectionId: /^RVL00002 deploys an operating system, and is not required of All Systems; name a collection/,
}

test('S5-038: required of a collection of one’s own', faults, required, {}, {})
test('S5-038: required of All Unknown Computers', faults, required, { collection: allUnknown }, {})
test('S5-038, A5-03: required of All Systems', faults, required, { collection: allSystems }, risky)
test(
  'S5-014: available to All Systems',
  faults,
  { makeAvailableTo: 'media-and-pxe-hidden' },
  { collection: allSystems },
  {},
)
test(
  'S5-037: what replaces no system may be required of All Systems',
  faults,
  required,
  { collection: allSystems, sequence: sequenceWith(say) },
  {},
)
test(
  'S5-037: unless its administrator calls it high-impact',
  faults,
  required,
  {
    collection: allSystems,
    sequence: { ...sequenceWith(say), settings: { ...defaultSettings, highImpact: true } },
  },
  risky,
)
test(
  'S5-042: one that is there already may be suspended',
  faults,
  { ...required, enabled: false },
  { collection: allSystems, current: deployment('RVL20001', required) },
  {},
)
test(
  'S5-042: one that becomes required is judged anew',
  faults,
  required,
  { collection: allSystems, current: deployment('RVL20001') },
  risky,
)

const bare = { sequence: sequenceWith(say, 'none') }
const noBootImage = { makeAvailableTo: /^RVL00002 uses no boot image/ }

test('S5-012: to clients without a boot image', faults, { makeAvailableTo: 'clients' }, bare, {})
test('S5-012: to clients, media and PXE: clients may run it', faults, {}, bare, {})
test('S5-012: to media and PXE alone', faults, { makeAvailableTo: 'media-and-pxe' }, bare, noBootImage)
test('S5-012: hidden', faults, { makeAvailableTo: 'media-and-pxe-hidden' }, bare, noBootImage)
test(
  'S5-042: a boot image that was taken away later keeps nobody from editing',
  faults,
  { makeAvailableTo: 'media-and-pxe', comment: 'x' },
  { ...bare, current: deployment('RVL20001', { makeAvailableTo: 'media-and-pxe' }) },
  {},
)

test(
  'S5-003: its task sequence and its collection are fixed',
  faults,
  { taskSequenceId: packageId('RVL00003'), collectionId: collectionId('RVL10009') },
  { current: deployment('RVL20001') },
  { taskSequenceId: /keeps RVL00002/, collectionId: /keeps RVL10001/ },
)
test(
  'S5-003: everything else may change',
  faults,
  { ...required, comment: 'x', enabled: false },
  { current: deployment('RVL20001') },
  {},
)
test(
  'S5-018: it expires after it is available',
  faults,
  { availableAtMs: now, expiresAtMs: now },
  {},
  { expiresAtMs: /expire before/ },
)
test(
  'S5-003: objects that are not there are named elsewhere',
  faults,
  required,
  { sequence: undefined, collection: undefined },
  {},
)
