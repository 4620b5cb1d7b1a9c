/** Who an agent is taken for: its lane, and the runs it may go on with. Hardware identifiers are hints, never proof. */

import test from 'ava'
import type { Hello } from '../../server/contract/agent.ts'
import { codeOf, kindOf, lanesOf, mac, prepare } from './agent-site.ts'
import { TestAgent } from './test-site.ts'

const dock = '52:54:00:d0:c0:01'

function agentWith(macAddresses: readonly string[], hardware: Partial<Hello['hardware']> = {}): TestAgent {
  const { hello } = new TestAgent(mac)
  return new TestAgent(mac, { hardware: { ...hello.hardware, macAddresses, ...hardware } })
}

const sharedDock = {
  bootPolicy: {
    unknownComputerSupport: true,
    respond: true,
    ignoredMacAddresses: new Set<string>(),
    duplicateIdentifiers: new Set([dock]),
    promptSeconds: 10,
  },
}

test('D19: the lane of a machine is never the address of a shared adapter, of nobody, or of a group', async (t) => {
  const { site } = await prepare(sharedDock)
  t.teardown(() => site.close())
  const agent = agentWith([dock, '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01', mac])
  t.is(kindOf(await agent.sayHello(site)), 'armed')
  const lanes = await lanesOf(site)
  t.deepEqual(
    lanes.map(({ id, name }) => [id, name]),
    [[mac, 'PC1']],
  )
  const nobody = await agentWith([dock, '01:00:5e:00:00:01']).sayHello(site)
  t.is(nobody.status, 422)
  t.is(codeOf(nobody), 'invalid')
})

test('D19: a device that came over a shared adapter is known by its SMBIOS GUID and has a lane of its own', async (t) => {
  const { site } = await prepare(sharedDock)
  t.teardown(() => site.close())
  const smbiosGuid = '4c4c4544-0043-4810-8054-b7c04f4d3132'
  await site.api('POST', '/devices', { name: 'Tablet', macAddresses: [], smbiosGuid })
  t.is(kindOf(await agentWith([dock], { smbiosGuid }).sayHello(site)), 'armed')
  const lanes = await lanesOf(site)
  t.deepEqual(
    lanes.map(({ id, name }) => [id, name]),
    [['02:00:01:00:00:02', 'Tablet']],
  )
})
