/** The story of a decision, as boot-preview tells it. */

import test from 'ava'
import { decideBoot } from '../../server/boot/decide.ts'
import { explainBoot } from '../../server/boot/explain.ts'
import type { PxeClient } from '../../server/boot/pxe-client.ts'
import {
  bootImage,
  candidate,
  client,
  content,
  device,
  facts,
  guidA,
  hidden,
  mark,
  platforms,
  policy,
  required,
} from '../support/boot-fixtures.ts'

function explain(asking: PxeClient, known: Parameters<typeof facts>) {
  return explainBoot(asking, decideBoot(asking, facts(...known), policy()))
}

test('S6-030: a start is told with its boot image, its first file and every deployment passed over', (t) => {
  const deployed = [candidate('RVL20001'), candidate('RVL20002', required), candidate('RVL20003', hidden)]
  t.deepEqual(explain(client({ smbiosGuid: guidA, serialNumber: 'S1' }), [deployed]), [
    `52:54:00:00:00:0a, SMBIOS GUID ${guidA}, serial number S1 on x64 UEFI is device 16777217.`,
    'It starts boot image RVL00001 (Boot image) for RVL20002 without a key press: required deployment RVL20002.',
    'Its firmware is given boot/RVL00001/3/loader/snponly-x64.efi over TFTP.',
    'Deployment RVL20003 was not taken: it is hidden and runs only when SMSTSPreferredAdvertID names it.',
    'Deployment RVL20001 was not taken: required deployment RVL20002 comes first.',
  ])
})

test('S6-020: a prompt is told with its key and its time', (t) => {
  const story = explain(client({ platform: platforms.httpX64 }), [[candidate('RVL20001')], { devices: [] }])
  t.deepEqual(story, [
    '52:54:00:00:00:0a on x64 UEFI is an unknown computer.',
    'It starts boot image RVL00001 (Boot image) for RVL20001 after F12 is pressed within 10 seconds: available deployment RVL20001.',
    'Its firmware is given /boot/images/RVL00001/3/loader/snponly-x64.efi over HTTP.',
  ])
})

test('S6-026: a second boot of a required deployment is told with the way out', (t) => {
  const story = explain(client({ stage: 'ours' }), [
    [candidate('RVL20002', required)],
    { devices: [device({ requiredPxeMarks: [mark('RVL20002')] })] },
  ])
  t.deepEqual(story.slice(1), [
    'It goes on to its next boot device: none of the deployments to device PC-A can start now.',
    'Deployment RVL20002 was not taken: it has started on this machine before; clear required PXE deployments to run it again.',
  ])
})

test('D05: an architecture nobody serves, and a loader that is missing, are told', (t) => {
  t.deepEqual(explain(client({ platform: platforms.riscv }), [[candidate('RVL20001')]]), [
    '52:54:00:00:00:0a on architecture 27 asks.',
    'It gets no answer: architecture 27 cannot be served.',
  ])
  const bare = bootImage({ content: content(['vmlinuz', 'initrd.img']) })
  t.regex(
    explain(client(), [[candidate('RVL20001', { image: bare })]])[2] ?? '',
    /^Its firmware is given no file: boot image RVL00001/,
  )
  t.is(explain(client({ stage: 'ipxe' }), [[candidate('RVL20001')]])[2], 'Its iPXE is given /boot/autoexec.ipxe.')
})
