/** Options of a deployment against what it is: each that would never have an effect, or a bad one, is refused with the reason. */

import test from 'ava'
import { defaultSettings } from '../../server/sequence/task-sequence-settings.ts'
import { type Deployment, MakeAvailableTo, Purpose } from '../../server/site/deployment.ts'
import { deploymentOptionFaults } from '../../server/targeting/deployment-option-faults.ts'
import { deployment, packageId } from '../support/boot-fixtures.ts'

const forClients = { makeAvailableTo: MakeAvailableTo.clients } as const
const requiredOfClients = { ...forClients, purpose: Purpose.required } as const

const plain = {
  id: packageId('RVL00002'),
  sequence: { name: 'Plain', description: '', children: [] },
  settings: defaultSettings,
}
const withBootImage = { ...plain, bootImageId: packageId('RVL00001') }
const highImpact = { ...plain, settings: { ...defaultSettings, highImpact: true } }

interface Case {
  readonly change: Partial<Deployment>
  readonly sequence?: typeof plain
  /** None: nothing is wrong with it. */
  readonly refused?: keyof Deployment
}

const cases: readonly Case[] = [
  { change: { ...requiredOfClients, sendWakeUpPackets: true } },
  { change: { purpose: Purpose.required, makeAvailableTo: MakeAvailableTo.mediaAndPxe, sendWakeUpPackets: true } },
  { change: { sendWakeUpPackets: true }, refused: 'sendWakeUpPackets' },
  { change: { ...requiredOfClients, runIndependentlyOfAssignments: false } },
  { change: { runIndependentlyOfAssignments: false }, refused: 'runIndependentlyOfAssignments' },
  { change: { ...requiredOfClients, allowMeteredConnection: true } },
  { change: { ...forClients, allowMeteredConnection: true }, refused: 'allowMeteredConnection' },
  {
    change: { ...requiredOfClients, allowMeteredConnection: true },
    sequence: highImpact,
    refused: 'allowMeteredConnection',
  },
  { change: { ...forClients, allowInternetClients: true } },
  { change: { ...forClients, allowInternetClients: true }, sequence: withBootImage, refused: 'allowInternetClients' },
  { change: { ...forClients, contentOption: 'download-before-start' } },
  { change: { contentOption: 'download-before-start' }, refused: 'contentOption' },
  { change: { timesByClientClock: true } },
  { change: { ...forClients, timesByClientClock: true } },
  { change: { makeAvailableTo: MakeAvailableTo.mediaAndPxe, timesByClientClock: true }, refused: 'timesByClientClock' },
  {
    change: { makeAvailableTo: MakeAvailableTo.mediaAndPxeHidden, contentOption: 'download-before-start' },
    refused: 'contentOption',
  },
]

test('S5-050: an option that does not fit its deployment is refused by its name', (t) => {
  for (const { change, sequence = plain, refused } of cases) {
    const faults = deploymentOptionFaults(deployment('RVL20001', change), { sequence })
    t.deepEqual(
      faults.map(({ path }) => path),
      refused === undefined ? [] : [[refused]],
      JSON.stringify(change),
    )
  }
})

test('S5-042: an option that did not fit before keeps nobody from editing the rest', (t) => {
  const current = deployment('RVL20001', { ...requiredOfClients, allowMeteredConnection: true })
  const edited = { ...current, comment: 'suspended', enabled: false }
  t.deepEqual(deploymentOptionFaults(edited, { current, sequence: highImpact }), [])
  const another = {
    ...edited,
    contentOption: 'download-before-start',
    makeAvailableTo: MakeAvailableTo.mediaAndPxe,
  } as const
  t.is(deploymentOptionFaults(another, { current, sequence: highImpact }).length, 1)
})
