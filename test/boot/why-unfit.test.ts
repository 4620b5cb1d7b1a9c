/** Whether a machine that its agent has told of can run a deployment at all, at the doors that it is made available to. */

import test from 'ava'
import { whyUnfit } from '../../server/boot/why-unfit.ts'
import type { MakeAvailableTo } from '../../server/site/deployment.ts'
import type { Inventory } from '../../server/site/inventory.ts'
import { bootImage, candidate } from '../support/boot-fixtures.ts'

type Told = Pick<Inventory, 'architecture' | 'firmware' | 'operatingSystem'>

const debian: Told = { architecture: 'x64', firmware: 'uefi', operatingSystem: { name: 'debian', version: '12' } }
const { operatingSystem: _, ...inBootImage } = debian
const arm: Told = { ...debian, architecture: 'arm64' }
const oldBios: Told = { architecture: 'x86', firmware: 'bios' }

const answers = test.macro((t, makeAvailableTo: MakeAvailableTo, told: Told, expected: string | undefined) => {
  const allowed = { platforms: [{ architecture: 'x64', operatingSystem: { name: 'ubuntu' } }] } as const
  t.is(whyUnfit({ ...candidate('RVL20001', { makeAvailableTo }), ...allowed }, told), expected)
})

const noImage = 'boot image RVL00001 is for x64, which arm64 UEFI cannot start'
const notUbuntu = 'its task sequence runs on ubuntu x64 only, and this client is debian'

test('S10-001: over PXE a boot image fits', answers, 'media-and-pxe', debian, undefined)
test('S10-001: over PXE no boot image fits', answers, 'media-and-pxe', arm, noImage)
test(
  'S10-001: an agent knows a processor that BIOS hides',
  answers,
  'media-and-pxe',
  oldBios,
  `${noImage.slice(0, 37)} x86 BIOS cannot start`,
)
test('S10-001: a client is refused', answers, 'clients', debian, `${notUbuntu} 12 x64`)
test('S10-001: who did not tell its system is not refused', answers, 'clients', inBootImage, undefined)
test('S10-001: refused as a client, it may come over PXE', answers, 'clients-media-and-pxe', debian, undefined)
test('S10-001: refused at both doors', answers, 'clients-media-and-pxe', arm, `${noImage}; ${notUbuntu} 12 arm64`)

test('S10-001: a boot image without content fits nobody', (t) => {
  const { content: _, ...empty } = bootImage()
  const without = candidate('RVL20001', { makeAvailableTo: 'media-and-pxe', image: empty })
  t.is(whyUnfit(without, debian), 'boot image RVL00001 has no content yet')
})
