/** What DHCP and TFTP count, as it is shown and as the page gets it. */

import test from 'ava'
import { Registry } from 'prom-client'
import { NetworkTraffic } from '../server/network-traffic.ts'
import { valueOf } from './metrics/shown-value.ts'

test('datagrams of both DHCP services are counted by what became of them, and are one figure for the page', async (t) => {
  const registry = new Registry()
  const traffic = new NetworkTraffic(registry)
  t.deepEqual(traffic.reading, {})
  const [dhcp, bootServer] = [traffic.dhcpCounter('DHCP'), traffic.dhcpCounter('boot server')]
  for (const outcome of ['answered', 'answered', 'overload', 'unknown-relay']) dhcp(outcome)
  for (const outcome of ['answered', 'failed']) bootServer(outcome)
  const text = await registry.metrics()
  t.is(valueOf(text, 'reveille_dhcp_datagrams_total{service="DHCP",outcome="answered"}'), 2)
  t.is(valueOf(text, 'reveille_dhcp_datagrams_total{service="boot server",outcome="failed"}'), 1)
  t.deepEqual(traffic.reading, { dhcp: { answered: 3, dropped: 2 } })
})

test('a socket shows what it received and sent', async (t) => {
  const registry = new Registry()
  const traffic = new NetworkTraffic(registry)
  const counters = { received: 3, receivedTooLong: 1, sent: 2, sendFailed: 0 }
  traffic.watchSocket('DHCP', () => counters)
  counters.sent += 5
  const shown = (outcome: string): string => `reveille_udp_datagrams_total{service="DHCP",outcome="${outcome}"}`
  const text = await registry.metrics()
  t.deepEqual(
    ['received', 'received-too-long', 'sent', 'send-failed'].map((outcome) => valueOf(text, shown(outcome))),
    [3, 1, 7, 0],
  )
})

test('what TFTP does not count is not there', async (t) => {
  const registry = new Registry()
  const traffic = new NetworkTraffic(registry)
  traffic.watchTftp({ counters: { requests: 5, busy: 2, 'over-budget': 1 }, active: 4 })
  const text = await registry.metrics()
  t.is(valueOf(text, 'reveille_tftp_total{outcome="requests"}'), 5)
  t.is(valueOf(text, 'reveille_tftp_transfers'), 4)
  t.notRegex(text, /^reveille_tftp_(sent|blocks|timeouts)|service="TFTP"/m)
  t.deepEqual(traffic.reading, { tftp: { transfers: 4, turnedAway: 3 } })
})

test('what TFTP counts in octets, blocks and datagrams is no outcome', async (t) => {
  const registry = new Registry()
  const traffic = new NetworkTraffic(registry)
  const counters = {
    requests: 1,
    'octets-sent': 5_000,
    'blocks-sent': 10,
    'blocks-resent': 2,
    timeouts: 1,
    'datagrams-received': 11,
    'datagrams-too-long': 0,
    'datagrams-sent': 12,
    'datagrams-failed': 1,
  }
  traffic.watchTftp({ counters, active: 1 })
  counters['octets-sent'] += 1_000
  const text = await registry.metrics()
  t.deepEqual(
    [
      'reveille_tftp_total{outcome="requests"}',
      'reveille_tftp_sent_bytes_total',
      'reveille_tftp_blocks_sent_total',
      'reveille_tftp_blocks_resent_total',
      'reveille_tftp_timeouts_total',
      'reveille_udp_datagrams_total{service="TFTP",outcome="received"}',
      'reveille_udp_datagrams_total{service="TFTP",outcome="send-failed"}',
    ].map((name) => valueOf(text, name)),
    [1, 6_000, 10, 2, 1, 11, 1],
  )
  t.is(text.match(/^reveille_tftp_total\{/gm)?.length, 1)
  t.deepEqual(traffic.reading.tftp?.sent, { octets: 6_000, blocks: 10, blocksResent: 2 })
})
