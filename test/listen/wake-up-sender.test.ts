/** What the sender of wake-up packets says when it cannot send; what arrives is in end-to-end/network/wake-up.test.ts. */

import test from 'ava'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import { openWakeUpSender } from '../../server/listen/wake-up-sender.ts'

test('S5-016: packets of which none could be sent are not said to be on their way', async (t) => {
  const sender = await openWakeUpSender({ interfaces: ['nothing-here'], port: 40_009, count: () => {} })
  t.teardown(() => sender.close())
  const macAddress = parseMacAddress('52:54:00:12:34:56')
  if (macAddress === undefined) return t.fail('it is one')
  await t.throwsAsync(sender.wake([{ macAddresses: [macAddress], ipv4Networks: [] }]), {
    message: /no wake-up packet could be sent/,
  })
  return undefined
})
