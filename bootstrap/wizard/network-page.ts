/**
 * Network settings (S6-046): Enter takes addresses by DHCP on whatever card has a link, `s` asks for a card, a VLAN and an
 * address. It ends with a network that works, or with Previous. An unattended medium never comes here (S6-056).
 */

import { parseIpv4Address } from '../../server/address/ipv4-address.ts'
import { isAddressWithPrefix, type Network, type NetworkCard, type NetworkSettings } from '../network.ts'
import { ask, type PageEnd, type PageParts } from './page.ts'

const heading = 'Network settings'

export async function askNetwork(network: Network, parts: PageParts): Promise<PageEnd<NetworkSettings>> {
  let failed = false
  for (;;) {
    const cards = await network.cards()
    const typed = await ask(
      {
        heading,
        lines: [
          ...(cards.length === 0 ? ['No network card is found: the boot image has no driver for it.'] : []),
          ...cards.map(cardText),
          ...(failed ? ['', 'There is no network with these settings. What was tried is above.'] : []),
        ],
        keys: 'Enter = addresses by DHCP, s = settings of your own, p = Previous',
      },
      parts,
    )
    if (typed.kind !== 'next') return typed
    const wantsOwn = typed.value.toLowerCase() === 's'
    if (!wantsOwn && typed.value !== '') continue
    const settings: PageEnd<NetworkSettings> = wantsOwn ? await askSettings(cards, parts) : { kind: 'next', value: {} }
    if (settings.kind === 'nobody') return settings
    if (settings.kind === 'previous') continue
    failed = !(await network.apply(settings.value))
    if (!failed) return settings
  }
}

function cardText({ name, macAddress, hasLink }: NetworkCard, index: number): string {
  return `  ${index + 1}  ${name}  ${macAddress}  ${hasLink ? 'link' : 'no link: is the cable plugged in?'}`
}

interface Question {
  readonly about: string
  /** What may be typed besides nothing. */
  readonly isRight: (text: string) => boolean
  readonly wrong: string
}

async function askSettings(cards: readonly NetworkCard[], parts: PageParts): Promise<PageEnd<NetworkSettings>> {
  const isNumberTo = (max: number) => (text: string) => /^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= max
  const questions = {
    card: {
      about: 'Number of the card (Enter: each in turn)',
      isRight: isNumberTo(cards.length),
      wrong: `There are ${cards.length}.`,
    },
    vlan: {
      about: 'VLAN, 1 to 4094, of a port that sends tagged frames (Enter: none)',
      isRight: isNumberTo(4_094),
      wrong: 'That is no number of a VLAN.',
    },
    address: {
      about: 'Address with its prefix, such as 192.168.1.9/24 (Enter: by DHCP)',
      isRight: isAddressWithPrefix,
      wrong: 'That is no IPv4 address with a prefix.',
    },
  } as const satisfies Record<string, Question>
  const card = await askOne(questions.card, parts)
  if (card.kind !== 'next') return card
  const vlan = await askOne(questions.vlan, parts)
  if (vlan.kind !== 'next') return vlan
  const address = await askOne(questions.address, parts)
  if (address.kind !== 'next') return address
  const name = cards[Number(card.value) - 1]?.name
  const settings = {
    ...(card.value === '' || name === undefined ? {} : { card: name }),
    ...(vlan.value === '' ? {} : { vlan: Number(vlan.value) }),
  }
  return address.value === ''
    ? { kind: 'next', value: settings }
    : askFixed({ ...settings, address: address.value }, parts)
}

async function askFixed(settings: NetworkSettings, parts: PageParts): Promise<PageEnd<NetworkSettings>> {
  const isAddress = (text: string): boolean => parseIpv4Address(text) !== undefined
  const gateway = await askOne(
    { about: 'Gateway (Enter: none)', isRight: isAddress, wrong: 'That is no IPv4 address.' },
    parts,
  )
  if (gateway.kind !== 'next') return gateway
  const split = (text: string): readonly string[] => text.split(/[\s,]+/).filter((each) => each !== '')
  const servers = await askOne(
    {
      about: 'Name servers, with commas (Enter: none)',
      isRight: (text) => split(text).every(isAddress),
      wrong: 'Those are no IPv4 addresses.',
    },
    parts,
  )
  if (servers.kind !== 'next') return servers
  const nameServers = split(servers.value)
  const given = {
    ...(gateway.value === '' ? {} : { gateway: gateway.value }),
    ...(nameServers.length === 0 ? {} : { nameServers }),
  }
  return { kind: 'next', value: { ...settings, ...given } }
}

async function askOne({ about, isRight, wrong }: Question, parts: PageParts): Promise<PageEnd<string>> {
  for (let said: readonly string[] = []; ; said = [wrong]) {
    const typed = await ask({ heading, lines: [...said, about], keys: 'Enter = go on, p = Previous' }, parts)
    if (typed.kind !== 'next' || typed.value === '' || isRight(typed.value)) return typed
  }
}
