/** What a made-up machine follows of a script, read from the scripts that the server prints. */

import test from 'ava'
import { filesOfScript } from '../../../server/cli/load/boot-script.ts'
import { isMadeUp, madeUpAddress, scriptQuery } from '../../../server/cli/load/made-up-machine.ts'
import { parseBootScriptQuery } from '../../../server/boot/parse-boot-script-query.ts'

test('kernel and initramfs by their first place; the host is not followed', (t) => {
  const script = [
    '#!ipxe',
    'echo http://192.0.2.1/not-this',
    'kernel --name vmlinuz http://192.0.2.1:8080/boot/images/RVL00001/1/vmlinuz?lane=a initrd=x reveille.server=http://192.0.2.1 || kernel tftp://192.0.2.1/x || goto again',
    'initrd --name initramfs http://192.0.2.1:8080/boot/images/RVL00001/1/initramfs || goto again',
  ]
  t.deepEqual(filesOfScript(script.join('\n')), [
    '/boot/images/RVL00001/1/vmlinuz?lane=a',
    '/boot/images/RVL00001/1/initramfs',
  ])
  t.deepEqual(filesOfScript('#!ipxe\necho Reveille: Nothing to do.\nexit\n'), [])
})

test('made-up addresses are locally administered, of one card, different, and known as such', (t) => {
  const all = Array.from({ length: 1_000 }, (_, number) => madeUpAddress(number * 16_777))
  t.is(new Set(all).size, 1_000)
  for (const address of all) {
    const first = Number.parseInt(address.slice(0, 2), 16)
    t.is(first & 0b11, 0b10)
    t.true(isMadeUp(address.toUpperCase()))
  }
  t.false(isMadeUp('52:54:00:12:34:56'))
  t.is(madeUpAddress(2 ** 24), madeUpAddress(0))
})

test('the site reads the query as that of a machine with UEFI', (t) => {
  const parsed = parseBootScriptQuery(scriptQuery(madeUpAddress(7)))
  t.like(parsed, { kind: 'client', client: { macAddress: madeUpAddress(7), platform: { firmware: 'uefi' } } })
})
