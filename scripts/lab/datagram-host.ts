/**
 * UDP as seen from another host of the private network, told what to say by lines of JSON on standard input and
 * telling what it hears on standard output: the other half of scripts/lab/datagrams.ts. Sockets are bound to one
 * cable, so it speaks and hears before it has an address, as firmware does.
 */

import { createInterface } from 'node:readline'
import { parseIpv4Address, unspecifiedAddress } from '../../server/address/ipv4-address.ts'
import { assert } from '../../server/assert.ts'
import { openUdpSocket } from '../../server/listen/udp-socket.ts'
import type { UdpSocket } from '../../server/listen/udp-socket.ts'
import type { SaidDatagram, HeardDatagram } from './datagrams.ts'

const [cable = 'eth0', ...ports] = process.argv.slice(2)
const stop = new AbortController()
const sockets = new Map<number, UdpSocket>()
for (const port of ports.map(Number)) {
  const socket = await openUdpSocket({
    address: unspecifiedAddress,
    port,
    broadcast: true,
    sharesPort: true,
    interfaceName: cable,
    signal: stop.signal,
    onDatagram: ({ bytes, sourceAddress, sourcePort, localAddress }) => {
      const heard: HeardDatagram = {
        port,
        fromAddress: sourceAddress,
        fromPort: sourcePort,
        toAddress: localAddress ?? unspecifiedAddress,
        octets: Buffer.from(bytes).toString('base64'),
      }
      console.log(JSON.stringify(heard))
    },
  })
  sockets.set(port, socket)
}
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const { fromPort, toAddress, toPort, octets } = JSON.parse(line) as SaidDatagram
  const address = parseIpv4Address(toAddress)
  assert(address !== undefined, `no address: ${toAddress}`)
  sockets.get(fromPort)?.send(Buffer.from(octets, 'base64'), { address, port: toPort, interfaceName: cable })
}
stop.abort()
