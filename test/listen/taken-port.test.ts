/** Ports that programs share: who is noticed, and which of the two may stay. Against sockets of our own, on free ports. */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { unspecifiedAddress } from '../../server/address/ipv4-address.ts'
import { BindError } from '../../server/listen/bind-error.ts'
import { listenForDhcp, type DhcpListenerOptions } from '../../server/listen/dhcp-listener.ts'
import { isPortTaken } from '../../server/listen/taken-port.ts'
import { openUdpSocket } from '../../server/listen/udp-socket.ts'

/** A program that lets others share its port, as every DHCP server does; on one interface, as libvirt's. */
async function sharingProgram(t: ExecutionContext, interfaceName?: string): Promise<number> {
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  const socket = await openUdpSocket({
    address: unspecifiedAddress,
    port: 0,
    ...(interfaceName === undefined ? {} : { interfaceName }),
    sharesPort: true,
    onDatagram: () => {},
    signal: stop.signal,
  })
  return socket.localPort
}

function listenerOn(t: ExecutionContext, port: number, more: Partial<DhcpListenerOptions> = {}) {
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  return listenForDhcp({
    service: 'DHCP',
    role: 67,
    port,
    interfaces: [],
    responder: { answer: async () => {} },
    count: () => {},
    signal: stop.signal,
    ...more,
  })
}

test('a program that shares its port is noticed, one of another interface only where that matters', async (t) => {
  const port = await sharingProgram(t)
  t.true(await isPortTaken({ port, interfaces: [] }))
  t.true(await isPortTaken({ port, interfaces: ['lo'] }))
  const ofLoopback = await sharingProgram(t, 'lo')
  t.true(await isPortTaken({ port: ofLoopback, interfaces: [] }))
  t.true(await isPortTaken({ port: ofLoopback, interfaces: ['nowhere0', 'lo'] }))
  t.false(await isPortTaken({ port: ofLoopback, interfaces: ['nowhere0'] }))
  const free = createSocket('udp4').bind(0, '0.0.0.0')
  await once(free, 'listening')
  const { port: freed } = free.address()
  t.true(await isPortTaken({ port: freed, interfaces: [] }))
  free.close()
  await once(free, 'close')
  t.false(await isPortTaken({ port: freed, interfaces: [] }))
})

test('a DHCP server, and a boot server, do not share their port', async (t) => {
  const port = await sharingProgram(t)
  const error = await t.throwsAsync(listenerOn(t, port), { instanceOf: BindError, code: 'EADDRINUSE' })
  t.is(
    error.message,
    `DHCP cannot use 0.0.0.0 port ${port}. Another program has it: find it with \`ss -lunp 'sport = :${port}'\`, stop it or keep the two apart with --interface, or choose another port in the settings.`,
  )
})

test('S6-006: beside a DHCP server of this machine the port is shared, and said to be', async (t) => {
  const port = await sharingProgram(t)
  let shared = 0
  const onShared = (): void => {
    shared += 1
  }
  const socket = await listenerOn(t, port, { beside: { bootServerPort: 0, onShared } })
  t.is(socket.localPort, port)
  t.is(shared, 1)
  const alone = await listenerOn(t, 0, { beside: { bootServerPort: 0, onShared } })
  t.not(alone.localPort, port)
  t.is(shared, 1)
})

test('beside a program that has the port of the boot server as well, nothing is shared', async (t) => {
  const port = await sharingProgram(t)
  const bootServerPort = await sharingProgram(t)
  const onShared = (): void => t.fail()
  const error = await t.throwsAsync(listenerOn(t, port, { beside: { bootServerPort, onShared } }), {
    instanceOf: BindError,
    code: 'EADDRINUSE',
  })
  t.regex(error.message, new RegExp(`port ${port}. Another program has it, and port ${bootServerPort} as well`))
})

test('a DHCP server that begins later finds a proxy that shares, and no full server', async (t) => {
  const beside = { bootServerPort: 0, onShared: () => {} }
  const open = (port: number) =>
    openUdpSocket({
      address: unspecifiedAddress,
      port,
      sharesPort: true,
      onDatagram: () => {},
      signal: new AbortController().signal,
    })
  const proxy = await listenerOn(t, 0, { beside })
  const later = await open(proxy.localPort)
  await later.close()
  const full = await listenerOn(t, 0)
  await t.throwsAsync(open(full.localPort), { instanceOf: BindError, code: 'EADDRINUSE' })
})
