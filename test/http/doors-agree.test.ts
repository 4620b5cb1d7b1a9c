/**
 * The same facts give the same answer at every door, whatever is deployed and whoever asks: DHCP, boot script, preview and agent, over
 * the network and from a medium, are asked of random sites, over the real server. And no machine is told of a hidden deployment that it did not name.
 */

import * as fc from 'fast-check'
import test from 'ava'
import { z } from 'zod'
import type { DeploymentId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import type { MachineStanding } from '../../server/contract/agent.ts'
import { isHidden, MakeAvailableTo, Purpose } from '../../server/site/deployment.ts'
import { collection, collectionId, deployment, device, mac, saved, taskSequence } from '../store/site-builders.ts'
import { askDoors } from './ask-doors.ts'
import { bootFiles, type FromMedium, makeMedium, openMedium, sayHelloFrom } from './media-site.ts'
import { addContent, openTestSite, TestAgent, type TestSite } from './test-site.ts'

const known = '52:54:00:00:00:01'
const unknown = '52:54:00:00:00:02'
const sitesMax = 25

const deployed = fc.record({
  purpose: fc.constantFrom(...Object.values(Purpose)),
  makeAvailableTo: fc.constantFrom(...Object.values(MakeAvailableTo)),
  enabled: fc.boolean(),
  isForUnknown: fc.boolean(),
})
const wantedSite = fc.record({
  deployments: fc.array(deployed, { maxLength: 4 }),
  /** Which of them is named by `SMSTSPreferredAdvertID`; beyond the last: one that is not there. */
  preferred: fc.option(fc.nat(4)),
})
type WantedSite = typeof wantedSite extends fc.Arbitrary<infer T> ? T : never

interface Ground {
  readonly site: TestSite
  readonly sequence: Parameters<typeof deployment>[0]
  readonly lab: Parameters<typeof deployment>[1]
  readonly deviceId: Parameters<TestSite['store']['devices']['get']>[0]
  readonly medium: FromMedium
}

async function prepareGround(): Promise<Ground> {
  const site = await openTestSite({ site: { unknownComputers: 'allow' } })
  const boot = await site.api('POST', '/boot-images', { name: 'Boot', architecture: 'x64' })
  await addContent(site, `/boot-images/${String(boot.json['id'])}`, bootFiles)
  const [image] = await site.store.bootImages.list()
  assert(image !== undefined, 'it was made')
  const sequence = saved(await site.store.taskSequences.create(taskSequence({ bootImageId: image.id, children: [] })))
  const pc = saved(await site.store.devices.create(device({ macAddresses: [mac(known)] })))
  const lab = saved(await site.store.collections.create(collection({ directMembers: [pc.id] })))
  const { id } = await makeMedium(site, { bootImageId: image.id, password: null })
  const medium = { id, contents: await openMedium(site, id) }
  return { site, sequence: sequence.id, lab: lab.id, deviceId: pc.id, medium }
}

/** Gives the identifiers, in the order of what was wanted. */
async function fill({ site, sequence, lab, deviceId }: Ground, wanted: WantedSite): Promise<readonly DeploymentId[]> {
  const { store } = site
  for (const { id } of await store.deployments.list()) await store.deployments.remove(id, undefined)
  const ids: DeploymentId[] = []
  for (const { isForUnknown, ...fields } of wanted.deployments) {
    const where = isForUnknown ? collectionId('RVL10002') : lab
    ids.push(saved(await store.deployments.create(deployment(sequence, where, fields))).id)
  }
  const value = wanted.preferred === null ? undefined : (ids[wanted.preferred] ?? 'RVL2FFFF')
  const variables = value === undefined ? [] : [{ name: 'SMSTSPreferredAdvertID', value, secret: false }]
  saved(await store.devices.replace(deviceId, device({ macAddresses: [mac(known)], variables }), undefined))
  return ids
}

const previewed = z.looseObject({
  decision: z.string(),
  deploymentId: z.string().optional(),
  promptSeconds: z.number().optional(),
  firstFile: z.looseObject({ kind: z.string() }),
})

/** What the agent was told, in the words of the preview. */
function toldByAgent(machine: MachineStanding) {
  if (machine.kind !== 'armed') return { decision: 'continue-to-local-disk', choices: [] }
  const { selection } = machine
  return selection.kind === 'start'
    ? { decision: 'boot', starts: selection.choice.deploymentId, choices: [] }
    : { decision: 'boot', choices: selection.choices.map(({ deploymentId }) => deploymentId) }
}

test('A5-01, A07: every door gives one answer, and a hidden deployment is told to nobody who did not name it', async (t) => {
  const ground = await prepareGround()
  const { site } = ground
  // Another agent of the same machine would wait for an approval.
  const agents = { [known]: new TestAgent(known), [unknown]: new TestAgent(unknown) }
  t.teardown(() => site.close())
  await fc.assert(
    fc.asyncProperty(wantedSite, async (wanted) => {
      const ids = await fill(ground, wanted)
      const all = (await site.store.deployments.list()).filter(({ makeAvailableTo }) => isHidden(makeAvailableTo))
      for (const machine of [known, unknown] as const) {
        const { dhcp, script, preview } = await askDoors(site, machine)
        const hello = await agents[machine].sayHello(site)
        const { decision, deploymentId, promptSeconds, firstFile } = previewed.parse(preview.json)
        const agent = toldByAgent(hello.json['machine'] as MachineStanding)
        const fromMedium = await sayHelloFrom(site, agents[machine], ground.medium)
        t.deepEqual(fromMedium.json['machine'], hello.json['machine'], 'nothing was marked')
        const story = JSON.stringify({ wanted, ids, machine, preview: preview.json, agent, script })
        t.is(agent.decision, decision, story)
        t.is(/^kernel /m.test(script), decision === 'boot', story)
        // A preference that cannot be honoured is shown on the screen, by a loader.
        t.is(dhcp.length > 0, firstFile.kind !== 'none', story)
        if (decision === 'boot' && promptSeconds === undefined)
          t.is<string | undefined, string | undefined>(agent.starts, deploymentId, story)
        if (promptSeconds !== undefined)
          t.true(
            agent.choices.some((id) => id === deploymentId),
            story,
          )
        const named = machine === known && wanted.preferred !== null ? ids[wanted.preferred] : undefined
        for (const { id } of all.filter((hidden) => hidden.id !== named)) {
          for (const said of [...dhcp, script, hello.body.toString(), fromMedium.body.toString()])
            t.false(said.includes(id), story)
        }
      }
    }),
    { numRuns: sitesMax },
  )
})
