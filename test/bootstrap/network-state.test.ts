/** The network of a running Linux as settings, and as the variables that Apply Network Settings reads back. */

import test from 'ava'
import { readAdapters, searchDomains } from '../../bootstrap/network-state.ts'
import { resolveAction } from '../../server/sequence/resolve-action.ts'
import { adapterVariables } from '../../server/sequence/step-types/adapter-variables.ts'
import { actionOf, environmentOf } from '../support/actions.ts'

/** Of `ip -json`, what counts of it. */
const addresses = [
  {
    ifname: 'lo',
    address: '00:00:00:00:00:00',
    addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8, scope: 'host' }],
  },
  {
    ifname: 'eth0',
    address: '52:54:00:00:00:01',
    addr_info: [
      { family: 'inet', local: '10.0.0.2', prefixlen: 23, scope: 'global' },
      { family: 'inet', local: '10.0.9.2', prefixlen: 32, scope: 'global' },
      { family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link' },
    ],
  },
  {
    ifname: 'eth1',
    address: '52:54:00:00:00:02',
    addr_info: [{ family: 'inet', local: '10.5.0.7', prefixlen: 24, scope: 'global', dynamic: true }],
  },
  { ifname: 'tun0', address: '52:54:00:00:00:03', addr_info: [] },
]
const routes = [
  { dst: 'default', gateway: '10.0.0.1', dev: 'eth0' },
  { dst: 'default', gateway: '10.5.0.1', dev: 'eth1' },
]
const resolvConf = '# x\ndomain old.org\nsearch example.org lab.org\nnameserver 10.0.0.53\nnameserver 127.0.0.1\n'
const cards = ['52:54:00:00:00:02', '52:54:00:00:00:01']

test('S2-070: fixed addresses are kept, and those of DHCP are asked for again', (t) => {
  t.like(readAdapters({ addresses, routes, resolvConf }, cards), [
    { name: 'eth1', dhcp: true, addresses: [], gateways: [], dnsServers: [] },
    {
      name: 'eth0',
      macAddress: '52:54:00:00:00:01',
      dhcp: false,
      addresses: ['10.0.0.2/23', '10.0.9.2/32'],
      gateways: ['10.0.0.1'],
      dnsServers: ['10.0.0.53'],
    },
  ])
  t.deepEqual(searchDomains(resolvConf), ['example.org', 'lab.org'])
  t.deepEqual(readAdapters({ addresses: 'x', routes: null, resolvConf: '' }, cards), [])
})

test('S2-070, S2-072: what is captured is what is applied', (t) => {
  const adapters = readAdapters({ addresses, routes, resolvConf }, cards)
  const members = adapters.flatMap((adapter, index) =>
    Object.entries(adapterVariables(adapter)).map(([name, value]) => [`OSDAdapter${index}${name}`, value]),
  )
  const environment = environmentOf(Object.fromEntries([['OSDAdapterCount', '2'], ...members]))
  const resolved = resolveAction(actionOf({ type: 'apply-network-settings' }), environment)
  t.deepEqual(resolved.kind === 'resolved' && 'adapters' in resolved.action && resolved.action.adapters, adapters)
})
