/**
 * Does anybody use this address? Asked by ARP probe (RFC 5227 section 2.1.1, with less patience), because the kernel's
 * own table remembers neighbours long after they have gone. Without the right to do so the kernel is made to ask, and
 * only a neighbour that it did not know before counts. Only an own link can be asked: behind a relay the client's
 * own check before it uses an address has to do (RFC 2131 section 4.4.1).
 */

import { createSocket } from 'node:dgram'
import { setTimeout as pause } from 'node:timers/promises'
import { isInSubnet, type Ipv4Address } from '../address/ipv4-address.ts'
import type { MacAddress } from '../address/mac-address.ts'
import { decodeArpSender, encodeArpProbe } from '../wire/arp-packet.ts'
import { openArpSocket, type ArpSocket } from './arp-socket.ts'
import { findNeighbour } from './neighbour-table.ts'
import { findInterfaces } from './network-interfaces.ts'
import type { OwnInterface } from './network-interfaces.ts'

/** iPXE waits a second for its first offer; a neighbour on the same link answers within a few milliseconds. */
const patienceMs = 200
const lookEveryMs = 20
/** Every new machine makes us ask for our own links, and the system takes as long to tell as the whole rest of an answer. */
const linksForMs = 1_000
/** "Discard": whoever listens there wants nothing. */
const discardPort = 9

export interface AddressQuestion {
  readonly address: Ipv4Address
  /** Who is to get it; when it already answers there itself, nobody else does. */
  readonly forMachine: MacAddress
}

/** Undefined: the address is on no link of ours. */
export function isAddressInUse(question: AddressQuestion): Promise<boolean> | undefined {
  const link = ownLinks().find(({ subnet }) => isInSubnet(question.address, subnet))
  return link === undefined ? undefined : isInUseOn(link, question)
}

async function isInUseOn(link: OwnInterface, { address, forMachine }: AddressQuestion): Promise<boolean> {
  if (link.address === address) return true
  const socket = openArpSocket(link.name)
  const holder = socket === undefined ? await askKernel(address) : await askByProbe(socket, address, link.macAddress)
  return holder !== undefined && holder !== forMachine
}

let known: { readonly links: readonly OwnInterface[]; readonly untilMs: number } = { links: [], untilMs: 0 }

function ownLinks(): readonly OwnInterface[] {
  const nowMs = performance.now()
  if (nowMs >= known.untilMs) known = { links: findInterfaces([]).found, untilMs: nowMs + linksForMs }
  return known.links
}

async function askByProbe(socket: ArpSocket, address: Ipv4Address, from: MacAddress): Promise<MacAddress | undefined> {
  try {
    socket.broadcast(encodeArpProbe(address, from))
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookEveryMs) {
      await pause(lookEveryMs)
      for (let packet = socket.receive(); packet !== undefined; packet = socket.receive()) {
        const sender = decodeArpSender(packet)
        if (sender?.address === address && sender.macAddress !== from) return sender.macAddress
      }
    }
    return undefined
  } finally {
    socket.close()
  }
}

async function askKernel(address: Ipv4Address): Promise<MacAddress | undefined> {
  // The entry may be as old as the machine that has gone; it tells nothing.
  if (findNeighbour(address) !== undefined) return undefined
  const socket = createSocket('udp4')
  try {
    await new Promise<void>((resolve) => socket.send(new Uint8Array(0), discardPort, address, () => resolve()))
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookEveryMs) {
      await pause(lookEveryMs)
      const holder = findNeighbour(address)
      if (holder !== undefined) return holder
    }
    return undefined
  } finally {
    socket.close()
  }
}
