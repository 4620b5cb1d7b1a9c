/** Waking machines by hand, and the packets on loopback. */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { collection, device, mac, saved } from '../store/site-builders.ts'
import { encodeMagicPacket } from '../../server/wire/magic-packet.ts'
import { openTestSite, wakeUpPort } from './test-site.ts'

async function listen(t: ExecutionContext): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.bind(wakeUpPort)
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return socket
}

test('S5-016: an administrator wakes a device, and all of a collection, and is told where packets went', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const wire = await listen(t)
  const one = saved(await site.store.devices.create(device({ macAddresses: [mac('52:54:00:00:00:01')] })))
  const other = saved(
    await site.store.devices.create(device({ name: 'PC-2', macAddresses: [mac('52:54:00:00:00:02')] })),
  )
  const lab = saved(await site.store.collections.create(collection({ directMembers: [one.id, other.id] })))
  const heard = new Set<string>()
  wire.on('message', (octets: Buffer) => heard.add(octets.toString('hex')))
  const packetOf = (text: string): string => Buffer.from(encodeMagicPacket(mac(text))).toString('hex')

  const woken = await site.api('POST', `/devices/${one.id}/wake`)
  t.deepEqual(woken.json, { machines: 1, destinations: ['127.255.255.255'] })
  t.true(heard.has(packetOf('52:54:00:00:00:01')))
  t.is((await site.api('POST', `/collections/${lab.id}/wake`)).json['machines'], 2)
  t.true(heard.has(packetOf('52:54:00:00:00:02')))
  t.true(site.logged.some(({ text }) => text === 'sent wake-up packets'))
})

test('a device without a card, one that is none, and an empty collection are answered with the reason', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const none = saved(await site.store.devices.create(device({ macAddresses: [], serialNumber: 'S1' })))
  const refused = await site.api('POST', `/devices/${none.id}/wake`)
  t.is(refused.status, 409)
  t.regex(refused.body.toString(), /No MAC address/)
  t.is((await site.api('POST', '/devices/99999/wake')).status, 404)
  t.is((await site.api('POST', '/collections/RVL1FFFF/wake')).status, 404)
})
