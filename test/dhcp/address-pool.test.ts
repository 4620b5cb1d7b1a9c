/** The server of full mode: RFC 2131 section 4.3 as conversations, and the promise that no address has two holders. */

import test from 'ava'
import * as fc from 'fast-check'
import { ipv4FromNumber, ipv4ToNumber, parseIpv4Subnet, type Ipv4Address } from '../../server/address/ipv4-address.ts'
import {
  addressInUse,
  answerDhcp,
  declineHoldMs,
  declinedOfferHoldMs,
  offerHoldMs,
} from '../../server/dhcp/address-pool.ts'
import type { Lease, Reservation } from '../../server/dhcp/lease.ts'
import type { PoolEffect, PoolResult } from '../../server/dhcp/pool-answer.ts'
import type { AddressPool } from '../../server/dhcp/pool-settings.ts'
import { createPoolState, type PoolState } from '../../server/dhcp/pool-state.ts'
import { encodeText } from '../../server/wire/ascii.ts'
import { encodeAddresses, type MessageTypeName } from '../../server/wire/dhcp-option-values.ts'
import { broadcastFlag } from '../../server/wire/dhcp-packet.ts'
import { client, ip, message, octets } from './dhcp-messages.ts'

const us = ip('10.0.0.1')
const secondMs = 1000

function subnet(text: string) {
  const found = parseIpv4Subnet(text)
  if (found === undefined) throw new Error(text)
  return found
}

function pool(parts: Partial<AddressPool> = {}): AddressPool {
  return {
    name: 'lab',
    subnet: subnet('10.0.0.0/24'),
    first: ip('10.0.0.10'),
    last: ip('10.0.0.12'),
    routers: [ip('10.0.0.254')],
    dnsServers: [],
    leaseSeconds: 3600,
    probe: false,
    ...parts,
  }
}

interface Said {
  readonly mac?: string
  readonly requested?: Ipv4Address
  readonly server?: Ipv4Address
  readonly ciaddr?: Ipv4Address
  readonly giaddr?: Ipv4Address
  readonly identifier?: string
  readonly relay?: string
  readonly flags?: number
}

/** A server with a clock that tests turn, and what it did. */
class Site {
  readonly #state: PoolState
  nowMs = 1_000_000
  readonly effects: PoolEffect[] = []

  constructor(
    pools: readonly AddressPool[] = [pool()],
    reservations: readonly Reservation[] = [],
    leases: readonly Lease[] = [],
  ) {
    this.#state = createPoolState({ pools, reservations }, leases)
  }

  say(type: MessageTypeName, said: Said = {}): PoolResult['answer'] {
    const { requested, server, ciaddr, giaddr, identifier, relay, mac, flags = 0 } = said
    const packet = message({
      type,
      ...(mac === undefined ? {} : { mac }),
      fields: { flags, ...(ciaddr === undefined ? {} : { ciaddr }), ...(giaddr === undefined ? {} : { giaddr }) },
      options: [
        ...(requested === undefined ? [] : [[50, encodeAddresses([requested])] as const]),
        ...(server === undefined ? [] : [[54, encodeAddresses([server])] as const]),
        ...(identifier === undefined ? [] : [[61, octets(identifier)] as const]),
        ...(relay === undefined ? [] : [[82, octets(relay)] as const]),
      ],
    })
    return this.#keep(answerDhcp(this.#state, client(packet), { nowMs: this.nowMs, serverAddress: us }))
  }

  probeFound(address: Ipv4Address): void {
    this.#keep(addressInUse(this.#state, address, this.nowMs))
  }

  /** The address of the offer or ACK; otherwise the kind of the answer. */
  get(type: MessageTypeName, said: Said = {}): string {
    const answer = this.say(type, said)
    return answer.kind === 'offer' || answer.kind === 'ack' ? answer.lease.address : answer.kind
  }

  /** DISCOVER and REQUEST, as a client without a past does it. */
  join(said: Said = {}): string {
    const offered = this.say('DHCPDISCOVER', said)
    if (offered.kind !== 'offer') return offered.kind
    return this.get('DHCPREQUEST', { ...said, server: us, requested: offered.lease.address })
  }

  /** What a process that starts again finds in the store. */
  get saved(): readonly Lease[] {
    const leases = new Map<Ipv4Address, Lease>()
    for (const effect of this.effects) if (effect.kind === 'save-lease') leases.set(effect.lease.address, effect.lease)
    return [...leases.values()]
  }

  /** Offers are gone, what was saved is there. */
  restart(pools: readonly AddressPool[], reservations: readonly Reservation[]): Site {
    const next = new Site(pools, reservations, this.saved)
    next.effects.push(...this.effects)
    return next
  }

  #keep(result: PoolResult): PoolResult['answer'] {
    this.effects.push(...result.effects)
    return result.answer
  }
}

const a = { mac: '02:00:00:00:00:0a' }
const b = { mac: '02:00:00:00:00:0b' }
const c = { mac: '02:00:00:00:00:0c' }
const d = { mac: '02:00:00:00:00:0d' }

test('C01: a DISCOVER is answered from memory, and only the ACK is saved first', (t) => {
  const site = new Site()
  t.is(site.get('DHCPDISCOVER', a), '10.0.0.10')
  t.deepEqual(site.effects, [])
  t.is(site.get('DHCPREQUEST', { ...a, server: us, requested: ip('10.0.0.10') }), '10.0.0.10')
  t.like(site.effects[0], { kind: 'save-lease', lease: { state: 'bound', expiresAtMs: site.nowMs + 3600 * secondMs } })
})

test('R18: the same DISCOVER or REQUEST again gets the same address and makes no second record', (t) => {
  const site = new Site()
  t.is(site.get('DHCPDISCOVER', a), site.get('DHCPDISCOVER', a))
  t.is(site.join(a), site.join(a))
  t.is(site.saved.length, 1)
})

test('the three addresses go to three devices, the fourth is refused with a report', (t) => {
  const site = new Site()
  t.deepEqual(
    [a, b, c].map((said) => site.join(said)),
    ['10.0.0.10', '10.0.0.11', '10.0.0.12'],
  )
  t.is(site.join(d), 'silent')
  t.deepEqual(site.effects.at(-1), { kind: 'report-exhausted', pools: ['lab'] })
})

test('C01: an offer that nobody takes is free again after 30 seconds', (t) => {
  const site = new Site([pool({ last: ip('10.0.0.10') })])
  t.is(site.get('DHCPDISCOVER', a), '10.0.0.10')
  site.nowMs += offerHoldMs - 1
  t.is(site.get('DHCPDISCOVER', b), 'silent')
  site.nowMs += 1
  t.is(site.get('DHCPDISCOVER', b), '10.0.0.10')
})

test('D4-05: a REQUEST to another server is not answered, and frees our offer', (t) => {
  const site = new Site([pool({ last: ip('10.0.0.10') })])
  site.say('DHCPDISCOVER', a)
  t.is(site.get('DHCPREQUEST', { ...a, server: ip('10.0.0.2'), requested: ip('10.0.0.99') }), 'silent')
  t.is(site.get('DHCPDISCOVER', b), '10.0.0.10')
})

test('D4-06, R17: INIT-REBOOT gets NAK on the wrong network, silence when unknown, its address when known', (t) => {
  const site = new Site()
  t.is(site.get('DHCPREQUEST', { ...a, requested: ip('192.168.1.5') }), 'nak')
  t.is(site.get('DHCPREQUEST', { ...a, requested: ip('10.0.0.10') }), 'silent')
  site.join(a)
  t.is(site.get('DHCPREQUEST', { ...a, requested: ip('10.0.0.10') }), '10.0.0.10')
  t.is(site.get('DHCPREQUEST', { ...a, requested: ip('10.0.0.11') }), 'nak')
})

test('R17: a network without a pool hears nothing, whatever it asks', (t) => {
  const site = new Site()
  const elsewhere = { ...a, giaddr: ip('172.16.0.1') }
  t.is(site.get('DHCPDISCOVER', elsewhere), 'silent')
  t.is(site.get('DHCPREQUEST', { ...elsewhere, requested: ip('192.168.1.5') }), 'silent')
  t.is(site.get('DHCPREQUEST', { ...elsewhere, ciaddr: ip('192.168.1.5') }), 'silent')
  t.is(site.get('DHCPREQUEST', { ...elsewhere, server: us, requested: ip('192.168.1.5') }), 'silent')
})

test('D4-07: renewing by unicast and rebinding by broadcast extend the same lease', (t) => {
  const site = new Site()
  site.join(a)
  for (const flags of [0, broadcastFlag]) {
    site.nowMs += 1800 * secondMs
    t.is(site.get('DHCPREQUEST', { ...a, ciaddr: ip('10.0.0.10'), flags }), '10.0.0.10')
    t.like(site.effects.at(-1), { lease: { address: '10.0.0.10', expiresAtMs: site.nowMs + 3600 * secondMs } })
  }
  t.is(site.saved.length, 1)
})

test('D4-07, L05: a client behind a relay renews past it, rebinds through it and asks INFORM past it', (t) => {
  const far = {
    subnet: subnet('10.9.0.0/24'),
    first: ip('10.9.0.10'),
    last: ip('10.9.0.12'),
    routers: [ip('10.9.0.1')],
  }
  const site = new Site([pool(), pool(far)])
  t.is(site.join({ ...a, giaddr: ip('10.9.0.1') }), '10.9.0.10')
  for (const past of [{}, { giaddr: ip('10.9.0.1') }]) {
    site.nowMs += 1800 * secondMs
    t.is(site.get('DHCPREQUEST', { ...a, ciaddr: ip('10.9.0.10'), ...past }), '10.9.0.10')
    t.like(site.effects.at(-1), { lease: { address: '10.9.0.10', expiresAtMs: site.nowMs + 3600 * secondMs } })
  }
  t.like(site.say('DHCPINFORM', { ...a, ciaddr: ip('10.9.0.10') }), {
    kind: 'inform-ack',
    network: { routers: ['10.9.0.1'] },
  })
})

test('renewing the address of another device gets NAK, an unknown lease silence', (t) => {
  const site = new Site()
  site.join(a)
  t.is(site.get('DHCPREQUEST', { ...b, ciaddr: ip('10.0.0.10') }), 'nak')
  t.is(site.get('DHCPREQUEST', { ...b, ciaddr: ip('10.0.0.11') }), 'silent')
})

test('D4-08: a declined address is saved, reported and left alone for the hold time', (t) => {
  const site = new Site([pool({ last: ip('10.0.0.11'), leaseSeconds: 200_000 })])
  site.join(a)
  t.is(site.get('DHCPDECLINE', { ...b, requested: ip('10.0.0.10') }), 'silent')
  t.is(site.effects.length, 1)
  site.say('DHCPDECLINE', { ...a, requested: ip('10.0.0.10'), server: us })
  t.like(site.effects.at(-2), { kind: 'save-lease', lease: { state: 'declined' } })
  t.like(site.effects.at(-1), { kind: 'report-conflict', address: '10.0.0.10', how: 'declined' })
  t.is(site.join(a), '10.0.0.11')
  t.is(site.join(b), 'silent')
  site.nowMs += declineHoldMs
  t.is(site.join(b), '10.0.0.10')
})

test('D4-08, C01: an offer that is declined rests for a minute, and nothing is written down', (t) => {
  const site = new Site([pool({ last: ip('10.0.0.10') })])
  site.say('DHCPDISCOVER', a)
  site.say('DHCPDECLINE', { ...a, requested: ip('10.0.0.10'), server: us })
  t.deepEqual(
    site.effects.map(({ kind }) => kind),
    ['report-conflict'],
  )
  t.is(site.get('DHCPDISCOVER', b), 'silent')
  site.nowMs += declinedOfferHoldMs
  t.is(site.join(b), '10.0.0.10')
})

test('D4-08: a lease that was given back or has ended is declined like an offer', (t) => {
  const site = new Site([pool({ last: ip('10.0.0.10') })])
  site.join(a)
  site.say('DHCPRELEASE', { ...a, ciaddr: ip('10.0.0.10'), server: us })
  site.say('DHCPDECLINE', { ...a, requested: ip('10.0.0.10'), server: us })
  site.nowMs += declinedOfferHoldMs
  t.is(site.join(b), '10.0.0.10')
})

/** A machine of its own for each number. */
const machine = (number: number): Said => ({ mac: `02:00:00:00:01:${number.toString(16).padStart(2, '0')}` })

for (const [what, take] of [
  ['offers', (site: Site, said: Said) => site.get('DHCPDISCOVER', said)],
  ['leases', (site: Site, said: Said) => site.join(said)],
] as const) {
  test(`C01: a client that declines ${what} without end takes a quarter of the pool, the oldest come back first`, (t) => {
    const site = new Site([pool({ last: ip('10.0.0.17') })])
    const declined = Array.from({ length: 40 }, (_, number) => {
      const given = take(site, machine(number))
      site.say('DHCPDECLINE', { ...machine(number), requested: given as Ipv4Address, server: us })
      return given
    })
    t.false(declined.includes('silent'))
    const others = Array.from({ length: 6 }, (_, number) => site.join(machine(100 + number)))
    t.is(new Set(others).size, 6)
    t.false(others.some((address) => declined.slice(-2).includes(address)))
    t.is(site.join(machine(200)), 'silent')
    const again = site.restart([pool({ last: ip('10.0.0.17') })], [])
    again.nowMs = site.nowMs
    t.is(again.join(machine(100)), others[0] ?? '')
  })
}

test('C01: after a start, addresses that rest are still at most a quarter', (t) => {
  const pools = [pool({ last: ip('10.0.0.17') })]
  const resting = Array.from(
    { length: 8 },
    (_, number): Lease => ({
      address: ip(`10.0.0.${10 + number}`),
      clientKey: `${number}`,
      state: 'declined',
      expiresAtMs: 2_000_000 + number,
    }),
  )
  const site = new Site(pools, [], resting)
  const given = Array.from({ length: 7 }, (_, number) => site.join(machine(number)))
  t.deepEqual(given.toSorted(), [...resting.slice(0, 6).map(({ address }) => address), 'silent'].toSorted())
})

test('D4-11: what a question on the network found in use does not come back for being much', (t) => {
  const site = new Site([pool({ last: ip('10.0.0.17'), probe: true })])
  for (let number = 10; number < 17; number++) {
    t.is(site.get('DHCPDISCOVER', a), `10.0.0.${number}`)
    site.probeFound(ip(`10.0.0.${number}`))
  }
  t.is(site.get('DHCPDISCOVER', a), '10.0.0.17')
})

test('D4-11: an address that its device declined is asked for on the network before it gets it again', (t) => {
  const site = new Site([pool({ last: ip('10.0.0.10'), probe: true })])
  site.say('DHCPDISCOVER', a)
  site.say('DHCPDECLINE', { ...a, requested: ip('10.0.0.10'), server: us })
  site.nowMs += declinedOfferHoldMs
  site.effects.length = 0
  t.is(site.get('DHCPDISCOVER', a), '10.0.0.10')
  t.deepEqual(site.effects, [{ kind: 'probe', address: ip('10.0.0.10') }])
})

test('D4-09: a released address is free, and remembered for its device until it is needed', (t) => {
  const site = new Site()
  site.join(a)
  site.say('DHCPRELEASE', { ...a, ciaddr: ip('10.0.0.10'), server: us })
  t.like(site.effects.at(-1), { kind: 'save-lease', lease: { state: 'released' } })
  t.is(site.join(b), '10.0.0.11')
  t.is(site.join(a), '10.0.0.10')
  site.say('DHCPRELEASE', { ...a, ciaddr: ip('10.0.0.10') })
  t.is(site.join(c), '10.0.0.12')
  t.is(site.join(d), '10.0.0.10')
  t.is(site.join(a), 'silent')
})

test('a RELEASE for the lease of another device changes nothing', (t) => {
  const site = new Site([pool({ last: ip('10.0.0.10') })])
  site.join(a)
  site.say('DHCPRELEASE', { ...b, ciaddr: ip('10.0.0.10') })
  t.is(site.join(b), 'silent')
})

test('the address longest unused is given first', (t) => {
  const site = new Site()
  for (const said of [a, b, c]) site.join(said)
  for (const [said, address] of [
    [b, '10.0.0.11'],
    [c, '10.0.0.12'],
    [a, '10.0.0.10'],
  ] as const) {
    site.say('DHCPRELEASE', { ...said, ciaddr: ip(address) })
  }
  t.is(site.join(d), '10.0.0.11')
})

test('an ended lease is given to others, and stays with its device while there is room', (t) => {
  const site = new Site()
  for (const said of [a, b, c]) site.join(said)
  site.nowMs += 3600 * secondMs
  t.is(site.join(c), '10.0.0.12')
  t.is(site.join(d), '10.0.0.10')
})

test('D4-10: INFORM gets the network and no lease', (t) => {
  const site = new Site()
  const answer = site.say('DHCPINFORM', { ...a, ciaddr: ip('10.0.0.77') })
  t.like(answer, { kind: 'inform-ack', network: { prefixLength: 24 } })
  t.deepEqual(site.effects, [])
})

test('D12: ROM, iPXE and system with three client identifiers keep one address', (t) => {
  const site = new Site()
  const first = site.join(a)
  t.is(site.join({ ...a, identifier: '0102000000000a' }), first)
  t.is(site.join({ ...a, identifier: 'ff00000001' }), first)
  t.is(site.saved.length, 1)
})

test('D12, D4-12: one identifier on two devices gives two addresses, unless the first has left', (t) => {
  const site = new Site()
  const cloned = { identifier: 'ff00000001' }
  t.is(site.join({ ...a, ...cloned }), '10.0.0.10')
  t.is(site.join({ ...b, ...cloned }), '10.0.0.11')
  const moved = { identifier: 'ff00000002' }
  t.is(site.join({ ...c, ...moved }), '10.0.0.12')
  site.say('DHCPRELEASE', { ...c, ...moved, ciaddr: ip('10.0.0.12') })
  t.is(site.join({ ...d, ...moved }), '10.0.0.12')
})

test('a reserved address, inside or outside the range, is for its client alone', (t) => {
  const reservations = [
    { address: ip('10.0.0.10'), clientKey: '02-00-00-00-00-0B' },
    { address: ip('10.0.0.200'), clientKey: 'FF00000001' },
  ]
  const site = new Site([pool()], reservations)
  t.is(site.join(a), '10.0.0.11')
  t.is(site.join(b), '10.0.0.10')
  t.is(site.join({ ...c, identifier: 'ff00000001' }), '10.0.0.200')
  t.is(site.get('DHCPREQUEST', { ...d, server: us, requested: ip('10.0.0.200') }), 'nak')
})

test('a reserved address that another device still has is reported, and another one is given', (t) => {
  const held: Lease = { address: ip('10.0.0.10'), clientKey: 'x', state: 'bound', expiresAtMs: 2_000_000 }
  const site = new Site([pool()], [{ address: ip('10.0.0.10'), clientKey: b.mac }], [held])
  t.is(site.get('DHCPDISCOVER', b), '10.0.0.11')
  t.like(site.effects.at(-1), { kind: 'report-conflict', address: '10.0.0.10', how: 'reservation-in-use' })
})

test('a free address that the client asks for is given; one of the network itself never', (t) => {
  const site = new Site([pool({ first: ip('10.0.0.0'), last: ip('10.0.0.255') })])
  t.is(site.get('DHCPDISCOVER', { ...a, requested: ip('10.0.0.77') }), '10.0.0.77')
  for (const text of ['10.0.0.0', '10.0.0.1', '10.0.0.254', '10.0.0.255']) {
    t.not(site.get('DHCPDISCOVER', { ...b, requested: ip(text) }), text)
    t.is(site.get('DHCPREQUEST', { ...c, server: us, requested: ip(text) }), 'nak')
  }
})

const remote = pool({
  name: 'remote',
  subnet: subnet('10.9.0.0/24'),
  first: ip('10.9.0.10'),
  last: ip('10.9.0.20'),
  routers: [],
})

test("D4-19, L01: the relay's address or its link selection chooses the pool", (t) => {
  const site = new Site([pool(), remote])
  t.is(site.get('DHCPDISCOVER', { ...a, giaddr: ip('10.9.0.1') }), '10.9.0.10')
  t.is(site.get('DHCPDISCOVER', { ...b, giaddr: ip('10.0.0.253'), relay: '0504 0a090000' }), '10.9.0.11')
  t.is(site.get('DHCPDISCOVER', c), '10.0.0.10')
})

test('D4-19: a REQUEST to the address that the relay put in our place is ours', (t) => {
  const site = new Site([pool(), remote])
  const said = { ...a, giaddr: ip('10.9.0.1'), relay: '0b04 0a090001' }
  t.is(site.get('DHCPDISCOVER', said), '10.9.0.10')
  t.is(site.get('DHCPREQUEST', { ...said, server: ip('10.9.0.1'), requested: ip('10.9.0.10') }), '10.9.0.10')
})

test("D4-06: a client that moved to another network gets NAK through that network's relay", (t) => {
  const site = new Site([pool(), remote])
  site.join(a)
  t.is(site.get('DHCPREQUEST', { ...a, requested: ip('10.0.0.10'), giaddr: ip('10.9.0.1') }), 'nak')
  t.is(site.get('DHCPREQUEST', { ...a, ciaddr: ip('10.0.0.10'), giaddr: ip('10.9.0.1') }), 'nak')
})

test('pools of one subnet are used one after the other', (t) => {
  const second = pool({ name: 'more', first: ip('10.0.0.100'), last: ip('10.0.0.100') })
  const site = new Site([pool({ last: ip('10.0.0.10') }), second])
  t.deepEqual(
    [a, b].map((said) => site.join(said)),
    ['10.0.0.10', '10.0.0.100'],
  )
  t.is(site.join(b), '10.0.0.100')
})

test('D4-27: leases from the store are kept by a server that starts again, offers are honoured when free', (t) => {
  const before = new Site()
  before.join(a)
  before.say('DHCPDISCOVER', b)
  const after = new Site([pool()], [], before.saved)
  t.is(after.get('DHCPREQUEST', { ...b, server: us, requested: ip('10.0.0.11') }), '10.0.0.11')
  t.is(after.get('DHCPREQUEST', { ...c, server: us, requested: ip('10.0.0.10') }), 'nak')
  t.is(after.get('DHCPREQUEST', { ...a, ciaddr: ip('10.0.0.10') }), '10.0.0.10')
  t.is(after.join(c), '10.0.0.12')
})

test('D4-11: a new address is to be probed before its offer, a known one not; an answer puts it to rest', (t) => {
  const site = new Site([pool({ probe: true })])
  t.is(site.get('DHCPDISCOVER', a), '10.0.0.10')
  t.deepEqual(site.effects, [{ kind: 'probe', address: ip('10.0.0.10') }])
  site.probeFound(ip('10.0.0.10'))
  t.like(site.effects.at(-1), { kind: 'report-conflict', how: 'probed' })
  t.is(site.join(a), '10.0.0.11')
  const probes = site.effects.filter(({ kind }) => kind === 'probe').length
  t.is(site.join(a), '10.0.0.11')
  t.is(site.effects.filter(({ kind }) => kind === 'probe').length, probes)
})

test('a host name is kept with the lease only when it can be one', (t) => {
  for (const [sent, kept] of [
    ['host-1.lab\0', 'host-1.lab'],
    ['<b>host', undefined],
    ['a\nb', undefined],
  ] as const) {
    const options = [
      [12, encodeText(sent)],
      [54, encodeAddresses([us])],
      [50, encodeAddresses([ip('10.0.0.10')])],
    ] as const
    const request = client(message({ type: 'DHCPREQUEST', options }))
    const state = createPoolState({ pools: [pool()], reservations: [] }, [])
    const [effect] = answerDhcp(state, request, { nowMs: 0, serverAddress: us }).effects
    t.is(effect?.kind === 'save-lease' ? effect.lease.hostName : 'nothing saved', kept)
  }
})

test('a REQUEST without any address or server is not answered', (t) => {
  const site = new Site()
  site.say('DHCPDISCOVER', a)
  t.is(site.get('DHCPREQUEST', a), 'silent')
  t.is(site.get('DHCPREQUEST', { ...a, server: us }), 'silent')
})

test('a /16 is given out to its last address, and taken back, without a walk per packet', (t) => {
  const wide = pool({ subnet: subnet('10.0.0.0/16'), first: ip('10.0.0.2'), last: ip('10.0.255.254'), routers: [] })
  const site = new Site([wide])
  const seen = new Set<string>()
  const count = ipv4ToNumber(wide.last) - ipv4ToNumber(wide.first) + 1
  for (let index = 0; index < count; index += 1) seen.add(site.get('DHCPDISCOVER', { mac: macOf(index) }))
  t.is(seen.size, count)
  t.false(seen.has('silent'))
  t.is(site.get('DHCPDISCOVER', { mac: macOf(count) }), 'silent')
  site.nowMs += offerHoldMs
  t.is(site.get('DHCPDISCOVER', { mac: macOf(count) }), '10.0.0.2')
})

function macOf(index: number): string {
  return `02:00${ipv4FromNumber(index)
    .split('.')
    .map((part) => `:${Number(part).toString(16).padStart(2, '0')}`)
    .join('')}`
}

const devices = [a, b, c, d, { mac: '02:00:00:00:00:0e' }]
const addresses = ['10.0.0.9', '10.0.0.10', '10.0.0.11', '10.0.0.12', '10.0.0.200', '192.168.0.1'].map(ip)
const steps = fc.record({
  type: fc.constantFrom<MessageTypeName>(
    'DHCPDISCOVER',
    'DHCPDISCOVER',
    'DHCPREQUEST',
    'DHCPREQUEST',
    'DHCPRELEASE',
    'DHCPDECLINE',
  ),
  device: fc.constantFrom(...devices),
  address: fc.constantFrom(...addresses),
  state: fc.constantFrom('selecting', 'elsewhere', 'reboot', 'renewing'),
  identifier: fc.constantFrom(undefined, 'ff00000001', 'ff00000002'),
  waitMs: fc.constantFrom(0, 0, 1000, offerHoldMs, 1800 * secondMs, 3600 * secondMs, declineHoldMs),
  restart: fc.integer({ min: 0, max: 30 }),
})

test('D4-12: over random conversations no address has two holders, and no reserved one a stranger', (t) => {
  const reservations = [{ address: ip('10.0.0.12'), clientKey: d.mac }]
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (sequence) => {
      let site = new Site([pool()], reservations)
      const holders = new Map<string, { mac: string; untilMs: number }>()
      for (const { type, device, address, state, identifier, waitMs, restart } of sequence) {
        const said: Said = {
          ...device,
          ...(identifier === undefined ? {} : { identifier }),
          ...(state === 'renewing' || type === 'DHCPRELEASE' ? { ciaddr: address } : { requested: address }),
          ...(state === 'selecting' ? { server: us } : state === 'elsewhere' ? { server: ip('10.0.0.2') } : {}),
        }
        const nowMs = site.nowMs + waitMs
        if (restart === 0) site = site.restart([pool()], reservations)
        site.nowMs = nowMs
        const answer = site.say(type, said)
        if (answer.kind === 'offer' || answer.kind === 'ack') {
          const given = answer.lease.address
          const holder = holders.get(given)
          if (holder !== undefined && holder.mac !== device.mac && holder.untilMs > nowMs) return false
          if (given === '10.0.0.12' && device.mac !== d.mac) return false
          if (answer.kind === 'ack') holders.set(given, { mac: device.mac, untilMs: nowMs + 3600 * secondMs })
        }
        if (type === 'DHCPRELEASE' && holders.get(address)?.mac === device.mac) holders.delete(address)
        if (type === 'DHCPDECLINE' && holders.get(address)?.mac === device.mac) holders.delete(address)
      }
      return true
    }),
    { numRuns: 2000 },
  )
  t.pass()
})
