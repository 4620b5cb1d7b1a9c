/** What each door of a site says to one machine: DHCP, the boot script, the preview, and the agent's hello. */

import { unspecifiedAddress } from '../../server/address/ipv4-address.ts'
import { serverUrl } from '../../server/boot/server-url.ts'
import { createPxeResponder } from '../../server/listen/pxe-responder.ts'
import { encodeDhcpPacket } from '../../server/wire/dhcp-packet.ts'
import { ip, pxeMessage } from '../dhcp/dhcp-messages.ts'
import type { Answer, TestSite } from './test-site.ts'

export interface DoorAnswers {
  /** Octets of the DHCP messages, as text; none: silence. */
  readonly dhcp: readonly string[]
  readonly script: string
  readonly preview: Answer
}

export async function askDoors(site: TestSite, mac: string): Promise<DoorAnswers> {
  const { store, dependencies } = site
  const quiet = (): undefined => undefined
  const dhcp: string[] = []
  const responder = createPxeResponder({
    mode: 'proxy',
    facts: store,
    policy: dependencies.site.bootPolicy,
    relays: [],
    fallbackAddress: ip('192.0.2.1'),
    serverUrl: (own) => serverUrl(own, 8080),
    observe: quiet,
    learned: quiet,
    count: quiet,
    log: { error: quiet, warn: quiet, info: quiet, debug: quiet },
    nowMs: dependencies.now,
  })
  const bytes = encodeDhcpPacket(pxeMessage({ mac }))
  const datagram = { bytes, sourceAddress: unspecifiedAddress, sourcePort: 68 }
  await responder.answer(datagram, 67, (reply: Uint8Array) => void dhcp.push(Buffer.from(reply).toString('latin1')))
  const script = await site.ask('GET', `/boot/script.ipxe?mac=${mac}&platform=efi&buildarch=x86_64`)
  const preview = await site.api('GET', `/boot-preview?mac=${mac}`)
  return { dhcp, script: script.body.toString(), preview }
}
