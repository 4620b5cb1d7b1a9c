/** Messages as firmware sends them, beside the pages that we print of them. UPDATE=1 rewrites the pages. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import test from 'ava'
import { decodeDhcpPacket, encodeDhcpPacket } from '../../server/wire/dhcp-packet.ts'
import { printDhcpLine, printDhcpPage } from '../../server/wire/dhcp-summary.ts'
import { fixtureFolder, readFixture } from '../dhcp/dhcp-messages.ts'

const names = readdirSync(fixtureFolder)
  .filter((name) => name.endsWith('.hex'))
  .map((name) => name.slice(0, -'.hex'.length))

for (const name of names) {
  test(`the page of ${name} says what the octets say`, (t) => {
    const packet = decodeDhcpPacket(readFixture(name))
    const page = `${printDhcpLine(packet)}\n\n${printDhcpPage(packet)}`
    const file = new URL(`${name}.txt`, fixtureFolder)
    if (process.env['UPDATE'] === '1') writeFileSync(file, page)
    t.is(page, readFileSync(file, 'utf8'))
  })

  test(`${name} comes back from our encoder with the same meaning`, (t) => {
    const packet = decodeDhcpPacket(readFixture(name))
    t.deepEqual(decodeDhcpPacket(encodeDhcpPacket(packet)), packet)
  })
}

test('there are the firmware kinds that matter', (t) => {
  t.deepEqual([...names].sort(), [
    'ipxe-efi-2019',
    'ovmf-x64',
    'ovmf-x64-boot-server-request',
    'ovmf-x64-http',
    'seabios-ipxe-2019',
    'undi-rom',
  ])
})
