/** Whose lane a request moves: the machine's own, whatever its URL says. */

import { randomBytes } from 'node:crypto'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { parseMacAddress, type MacAddress } from '../../server/address/mac-address.ts'
import type { Lane } from '../../server/contract/progress.ts'
import { expectedMs, MachineAddresses } from '../../server/http/machine-addresses.ts'
import { addBootImage, openTestSite, TestAgent, type TestSite } from './test-site.ts'

function mac(text: string): MacAddress {
  const found = parseMacAddress(text)
  if (found === undefined) throw new Error(text)
  return found
}

const kernel = randomBytes(200_000)
const victim = mac('52:54:00:00:00:09')
const other = mac('52:54:00:00:00:0a')
const scriptOf = (lane: MacAddress) =>
  `/boot/script.ipxe?mac=${lane.replaceAll(':', '-')}&platform=efi&buildarch=x86_64`

async function siteWithKernel(t: ExecutionContext) {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const id = await addBootImage(site, { vmlinuz: kernel })
  return { site, file: (lane: MacAddress) => `/boot/images/${id}/1/vmlinuz?lane=${lane.replaceAll(':', '-')}` }
}

/** Everything that was told so far has been stored by then: observations keep their order. */
async function lanes({ store }: TestSite): Promise<readonly Lane[]> {
  await store.observe([{ lane: mac('52:54:00:00:00:ff'), atMs: 0, observation: { kind: 'script-fetched' } }])
  return (await store.lanes()).lanes.map(({ lane }) => lane).filter(({ id }) => id !== '52:54:00:00:00:ff')
}

test('a download is shown in the lane that its script named, when the address is that machine’s', async (t) => {
  const { site, file } = await siteWithKernel(t)
  site.dependencies.addresses.remember('127.0.0.1', victim)
  t.true((await site.ask('GET', file(victim))).body.equals(kernel))
  const [lane] = await lanes(site)
  t.like(lane, { id: victim, ipAddress: '127.0.0.1', transfer: { file: 'vmlinuz', bytes: kernel.length } })
})

test('who names another machine in a URL is served, and moves nobody’s lane', async (t) => {
  const { site, file } = await siteWithKernel(t)
  t.is((await site.ask('GET', file(victim))).status, 200)
  t.is((await site.ask('GET', scriptOf(victim))).status, 200)
  t.deepEqual(await lanes(site), [])
  site.dependencies.addresses.remember('127.0.0.1', other)
  site.dependencies.addresses.expect(victim, site.clock.nowMs)
  t.is((await site.ask('GET', file(victim))).status, 200)
  t.is((await site.ask('GET', scriptOf(victim))).status, 200)
  t.deepEqual(await lanes(site), [])
  t.is(site.dependencies.addresses.find('127.0.0.1'), other)
})

test('a machine that DHCP heard is believed when it asks for its script, and from then on at that address', async (t) => {
  const { site, file } = await siteWithKernel(t)
  site.dependencies.addresses.expect(victim, site.clock.nowMs)
  await site.ask('GET', scriptOf(victim))
  await site.ask('GET', file(victim))
  await site.ask('GET', file(other))
  t.deepEqual(
    (await lanes(site)).map(({ id, ipAddress }) => ({ id, ipAddress })),
    [{ id: victim, ipAddress: '127.0.0.1' }],
  )
})

test('a second agent for a machine whose agent is alive does not take its address over', async (t) => {
  const { site } = await siteWithKernel(t)
  await new TestAgent(victim).sayHello(site)
  t.is(site.dependencies.addresses.find('127.0.0.1'), victim)
  site.dependencies.addresses.remember('127.0.0.1', other)
  await new TestAgent(victim).sayHello(site)
  t.is(site.dependencies.addresses.find('127.0.0.1'), other)
})

test('an address that is nobody’s goes to a machine that is expected, once and for ten minutes', (t) => {
  const addresses = new MachineAddresses()
  t.false(addresses.isOf('192.0.2.7', victim, 0))
  addresses.expect(victim, 0)
  t.true(addresses.isOf('192.0.2.7', victim, expectedMs))
  t.false(addresses.isOf('192.0.2.8', victim, expectedMs))
  t.true(addresses.isOf('::ffff:192.0.2.7', victim, 3 * expectedMs))
  addresses.expect(other, 0)
  t.false(addresses.isOf('192.0.2.8', other, expectedMs + 1))
})

test('the kernel’s word on who is at an address is stronger than what was known of it', (t) => {
  const addresses = new MachineAddresses((ipAddress) => (ipAddress === '192.0.2.7' ? victim : undefined))
  addresses.remember('192.0.2.7', other)
  t.true(addresses.isOf('192.0.2.7', victim, 0))
  t.is(addresses.find('192.0.2.7'), victim)
  addresses.expect(mac('52:54:00:00:00:0b'), 0)
  t.false(addresses.isOf('192.0.2.7', mac('52:54:00:00:00:0b'), 0))
})

test('addresses and expected machines that were not heard of for long are forgotten', (t) => {
  const addresses = new MachineAddresses()
  const numbered = (number: number) =>
    mac(`02:00:00:00:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 255).toString(16).padStart(2, '0')}`)
  for (let number = 0; number < 32_768; number++) {
    addresses.remember(`address ${number}`, numbered(number))
  }
  t.is(addresses.find('address 0'), undefined)
  t.is(addresses.find('address 16384'), numbered(16_384))
  for (let number = 0; number < 32_768; number++) addresses.expect(numbered(number), 0)
  t.false(addresses.isOf('192.0.2.1', numbered(0), 0))
  t.true(addresses.isOf('192.0.2.1', numbered(16_384), 0))
})
