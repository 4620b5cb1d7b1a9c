/** Which limit holds for whom. */

import test from 'ava'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import type { MacAddress } from '../../server/address/mac-address.ts'
import { parseTftpLimit } from '../../server/config-values.ts'
import { limitsOfClient } from '../../server/tftp/limits-of-client.ts'

function windowOf(rules: readonly string[], address: string, macAddress?: string): number | undefined {
  const parsed = rules.map((rule) => parseTftpLimit(rule)).filter((rule) => rule !== undefined)
  return limitsOfClient(parsed, address as Ipv4Address, () => macAddress as MacAddress | undefined).windowBlocksMax
}

test('T06: a card is limited by its manufacturer’s octets, and others are not', (t) => {
  t.is(windowOf(['00:0c:29=4'], '192.0.2.1', '00:0c:29:01:02:03'), 4)
  t.is(windowOf(['00:0c:29=4'], '192.0.2.1', '52:54:00:01:02:03'), undefined)
  t.is(windowOf(['00:0c:29=4'], '192.0.2.1'), undefined)
})

test('T05, T25: the rule that says most counts, wherever it stands', (t) => {
  const rules = ['0.0.0.0/0=16', '192.0.2.0/24=8', '00:0c:29=4', '00:0c:29:01:02:03=1']
  for (const given of [rules, rules.toReversed()]) {
    t.is(windowOf(given, '198.51.100.1'), 16)
    t.is(windowOf(given, '192.0.2.9'), 8)
    t.is(windowOf(given, '192.0.2.9', '00:0c:29:09:09:09'), 4)
    t.is(windowOf(given, '192.0.2.9', '00:0c:29:01:02:03'), 1)
  }
})

test('T06: however many rules there are, a card is looked up once, and without rules for cards not at all', (t) => {
  const lookUps = (texts: readonly string[]): number => {
    let count = 0
    const rules = texts.map((text) => parseTftpLimit(text)).filter((rule) => rule !== undefined)
    limitsOfClient(rules, '192.0.2.1' as Ipv4Address, () => {
      count += 1
      return undefined
    })
    return count
  }
  t.is(lookUps(['00:0c:29=4', '52:54:00=8', '08:00:27=2']), 1)
  t.is(lookUps(['192.0.2.0/24=8']), 0)
})
