/** The order of things in `full` mode: asked before it is offered, on the disk before it is acknowledged. */

import test from 'ava'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import type { Lease } from '../../server/dhcp/lease.ts'
import { openAddressService } from '../../server/listen/address-service.ts'
import type { AddressServiceOptions } from '../../server/listen/address-service.ts'
import { subnetOf } from '../../server/address/ipv4-address.ts'
import { encodeAddresses } from '../../server/wire/dhcp-option-values.ts'
import { OptionCode } from '../../server/wire/dhcp-option-code.ts'
import type { MessageTypeName } from '../../server/wire/dhcp-option-values.ts'
import { client, ip, message } from '../dhcp/dhcp-messages.ts'

const subnet = subnetOf(ip('192.0.2.0'), 24)
const serverAddress = ip('192.0.2.1')

async function service(parts: Partial<AddressServiceOptions> & { last?: string } = {}) {
  const told: string[] = []
  const saved: Lease[] = []
  let now = 1_000_000
  const say = (text: string) => void told.push(text)
  const pool = { name: 'p', subnet, first: ip('192.0.2.10'), last: ip(parts.last ?? '192.0.2.12') }
  const opened = await openAddressService({
    settings: {
      pools: [{ ...pool, routers: [], dnsServers: [], leaseSeconds: 600, probe: true }],
      reservations: [],
    },
    store: {
      leases: async () => [],
      saveLease: async (lease) => void saved.push(lease),
    },
    isInUse: async () => false,
    count: (label) => say(`count ${label}`),
    log: { error: say, warn: say, info: say, debug: say },
    nowMs: () => now,
    ...parts,
  })
  const ask = async (type: MessageTypeName, mac: string, options: [number, Uint8Array][] = []) =>
    opened.answer(client(message({ type, mac, options })), { serverAddress })
  const request = (mac: string, address: Ipv4Address) =>
    ask('DHCPREQUEST', mac, [
      [OptionCode.serverIdentifier, encodeAddresses([serverAddress])],
      [OptionCode.requestedAddress, encodeAddresses([address])],
    ])
  return { ask, request, told, saved, advance: (ms: number) => (now += ms) }
}

const one = '52:54:00:00:00:01'
const two = '52:54:00:00:00:02'

test('C01: an offer writes nothing, an acknowledgement follows its record', async (t) => {
  const { ask, request, saved } = await service()
  t.like(await ask('DHCPDISCOVER', one), { kind: 'offer', lease: { address: '192.0.2.10' } })
  t.deepEqual(saved, [])
  t.like(await request(one, ip('192.0.2.10')), { kind: 'ack' })
  t.like(saved, [{ address: '192.0.2.10', state: 'bound' }])
})

test('D4-27: what cannot be recorded is not acknowledged', async (t) => {
  const store = { leases: async () => [], saveLease: () => Promise.reject(new Error('disk full')) }
  const { request } = await service({ store })
  await t.throwsAsync(request(one, ip('192.0.2.10')), { message: 'disk full' })
})

test('D4-11: addresses that answer are set aside until one does not', async (t) => {
  const asked: string[] = []
  const isInUse: AddressServiceOptions['isInUse'] = async ({ address }) => asked.push(address) < 3
  const { ask, told, saved } = await service({ isInUse })
  t.like(await ask('DHCPDISCOVER', one), { kind: 'offer', lease: { address: '192.0.2.12' } })
  t.deepEqual(asked, ['192.0.2.10', '192.0.2.11', '192.0.2.12'])
  t.deepEqual(
    saved.map(({ state }) => state),
    ['declined', 'declined'],
  )
  t.is(told.filter((text) => text === 'count address-conflict').length, 2)
})

test('when every address that is tried is in use there is no offer', async (t) => {
  const { ask, told } = await service({ isInUse: async () => true, last: '192.0.2.99' })
  t.is(await ask('DHCPDISCOVER', one), undefined)
  t.true(told.includes('every address that was tried is in use by somebody else'))
})

test('D4-11 R18: a machine that repeats itself during the question waits for the same answer', async (t) => {
  const questions: ((inUse: boolean) => void)[] = []
  const isInUse = () => new Promise<boolean>((resolve) => questions.push(resolve))
  const { ask, told } = await service({ isInUse })
  const answers = Promise.all([ask('DHCPDISCOVER', one), ask('DHCPDISCOVER', one)])
  t.is(questions.length, 1)
  questions[0]?.(true)
  while (questions.length < 2) await Promise.resolve()
  questions[1]?.(false)
  for (const answer of await answers) t.like(answer, { kind: 'offer', lease: { address: '192.0.2.11' } })
  t.is(questions.length, 2)
  t.is(told.filter((text) => text === 'count address-conflict').length, 1)
})

test('an empty pool is counted each time and said once a minute', async (t) => {
  const { ask, told, advance } = await service({ last: '192.0.2.10' })
  await ask('DHCPDISCOVER', one)
  const errors = () => told.filter((text) => text.startsWith('no address is left in p')).length
  await ask('DHCPDISCOVER', two)
  await ask('DHCPDISCOVER', two)
  t.is(errors(), 1)
  t.is(told.filter((text) => text === 'count pool-exhausted').length, 2)
  advance(29_000)
  await ask('DHCPDISCOVER', two)
  t.is(errors(), 1)
  advance(2_000)
  t.like(await ask('DHCPDISCOVER', two), { kind: 'offer' }, 'the offer that nobody took is free again')
})

test('refusals and silences say why', async (t) => {
  const { ask, told } = await service()
  const away = await ask('DHCPREQUEST', one, [[OptionCode.requestedAddress, encodeAddresses([ip('198.51.100.9')])]])
  t.is(away?.kind, 'nak')
  t.is(await ask('DHCPREQUEST', two), undefined)
  t.deepEqual(told, [
    'DHCPREQUEST is refused: 198.51.100.9 is not on this network',
    'DHCPREQUEST gets no answer: a REQUEST without options 50 and 54 and without ciaddr asks for nothing',
  ])
})
