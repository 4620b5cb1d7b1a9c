/** Which boot image a machine is sent (configmgr-spec 6.5), and what holds of every decision. */

import test from 'ava'
import * as fc from 'fast-check'
import { compatibleArchitectures } from '../../server/boot/platform-architecture.ts'
import {
  bootImage,
  candidate,
  content,
  device,
  mark,
  now,
  platforms,
  preferred,
  required,
} from '../support/boot-fixtures.ts'
import { decide, decides, outcome, open1, open2, x86Image } from '../support/boot-case.ts'

// Which boot image?
test(
  'S6-030: the highest deployment identifier decides',
  decides,
  { deployed: [open1, open2] },
  'prompt RVL20002',
  /RVL20001: RVL20002 has the higher identifier/,
)
test(
  'A6-05, S6-030: identifiers are compared as text, so ZZZ beats a newer AAA',
  decides,
  { deployed: [candidate('AAA20001', { createdAtMs: now }), candidate('ZZZ20001', { createdAtMs: 0 })] },
  'prompt ZZZ20001',
)
test(
  'S6-030: the exact architecture comes before the higher identifier',
  decides,
  { deployed: [open1, candidate('RVL20009', { image: x86Image })], client: { platform: platforms.bios } },
  'prompt RVL20001',
  /RVL20009: RVL20001 has a boot image of the exact architecture/,
)
test(
  'A6-06: x64 UEFI does not start an x86 boot image',
  decides,
  { deployed: [candidate('RVL20001', { image: x86Image })] },
  'local disk',
  /boot image RVL00010 is for x86, which x64 UEFI cannot start/,
)
test(
  'A6-06: x64 BIOS starts an x86 boot image',
  decides,
  { deployed: [candidate('RVL20001', { image: x86Image })], client: { platform: platforms.biosX64 } },
  'prompt RVL20001',
)
test(
  'S6-008: a boot image that is not for PXE is left out and spoils nothing (S6-033)',
  decides,
  { deployed: [open1, candidate('RVL20009', { image: bootImage({ enabledForPxe: false }) })] },
  'prompt RVL20001',
  /RVL20009: boot image RVL00001 is not enabled for PXE/,
)
test(
  'S6-031: a boot image without its kernel is left out',
  decides,
  { deployed: [candidate('RVL20001', { image: bootImage({ content: content(['initrd.img']) }) })] },
  'local disk',
  /lacks the file vmlinuz/,
)
test(
  'S6-030: a WIM boot image is left out and says so',
  decides,
  { deployed: [candidate('RVL20001', { image: bootImage({ kind: 'winpe' }) })] },
  'local disk',
  /is a WIM; starting those over the network comes later/,
)
test(
  'S6-026: a required deployment whose image cannot start leaves the available one',
  decides,
  { deployed: [open1, candidate('RVL20009', { ...required, image: x86Image })] },
  'prompt RVL20001',
)

test('S6-031: a boot image without content is left out', (t) => {
  const { content: _, ...empty } = bootImage()
  const decision = decide({ deployed: [candidate('RVL20001', { image: empty })] })
  t.is(outcome(decision), 'local disk')
  t.is(decision.rejected[0]?.reason, 'boot image RVL00001 has no content yet')
})

const compatible = test.macro((t, platform: keyof typeof platforms, expected: readonly string[]) => {
  t.deepEqual(compatibleArchitectures(platforms[platform]), expected)
})

test('S6-030: BIOS that cannot tell its width counts as x64', compatible, 'bios', ['x64', 'x86'])
test('S6-030: x64 BIOS', compatible, 'biosX64', ['x64', 'x86'])
test('S6-030: x86 BIOS', compatible, 'biosX86', ['x86'])
test('S6-030: x64 UEFI', compatible, 'uefiX64', ['x64'])
test('S6-030: x86 UEFI', compatible, 'uefiX86', ['x86'])
test('S6-030: ARM64 UEFI', compatible, 'uefiArm64', ['arm64'])
test('D05: 32-bit ARM starts nothing', compatible, 'uefiArm32', [])

const anyImage = fc
  .record({
    architecture: fc.constantFrom('x86' as const, 'x64' as const, 'arm64' as const),
    kind: fc.constantFrom('linux' as const, 'linux' as const, 'winpe' as const),
    enabledForPxe: fc.boolean(),
  })
  .map((change) => bootImage(change))

const anyCandidate = fc
  .record({
    number: fc.integer({ min: 1, max: 9 }),
    purpose: fc.constantFrom('available' as const, 'required' as const),
    makeAvailableTo: fc.constantFrom(
      'clients' as const,
      'clients-media-and-pxe' as const,
      'media-and-pxe-hidden' as const,
    ),
    enabled: fc.boolean(),
    image: fc.oneof(anyImage, fc.constant('none' as const)),
  })
  .map(({ number, ...change }) => candidate(`RVL2000${number}`, change))

const anyQuestion = fc.record({
  platform: fc.constantFrom(...Object.values(platforms)),
  deployed: fc.uniqueArray(anyCandidate, { selector: ({ deployment }) => deployment.id, maxLength: 9 }),
  marks: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
  preference: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  isKnown: fc.boolean(),
})

test('S6-030, S6-035, A6-06: whatever is asked, the answer is steady, the image fits, and nothing hidden starts unless preferred', (t) => {
  fc.assert(
    fc.property(anyQuestion, ({ platform, deployed, marks, preference, isKnown }) => {
      const known = device({ requiredPxeMarks: marks.map((number) => mark(`RVL2000${number}`)) })
      const given = {
        client: { platform },
        facts: {
          devices: isKnown ? [known] : [],
          variables: preference === undefined ? [] : [preferred(`RVL2000${preference}`)],
        },
      }
      const decision = decide({ ...given, deployed })
      t.deepEqual(decide({ ...given, deployed: deployed.toReversed() }), decision)
      if (decision.kind === 'ignore') return
      t.is(decision.rejected.length + (decision.kind === 'boot' ? 1 : 0), deployed.length)
      if (decision.kind !== 'boot') return
      const { deployment } = decision
      t.true(compatibleArchitectures(platform).includes(decision.bootImage.architecture))
      t.is(decision.bootImage.kind, 'linux')
      t.true(decision.bootImage.enabledForPxe)
      t.true(deployment.enabled)
      t.true(deployment.makeAvailableTo === 'clients-media-and-pxe' || preference !== undefined)
      if (preference !== undefined) t.is(String(deployment.id), `RVL2000${preference}`)
      t.is(decision.prompt !== undefined, preference === undefined && deployment.purpose === 'available')
      const isMarked = isKnown && marks.some((number) => deployment.id === `RVL2000${number}`)
      t.true(!isMarked || decision.prompt !== undefined)
    }),
    { numRuns: 500 },
  )
})
