/** The boot decision, as the specification words it (configmgr-spec 6.2 to 6.7, acceptance checks A6). */

import test from 'ava'
import { isMeaningfulMacAddress } from '../../server/address/mac-address.ts'
import type { BootDecision } from '../../server/boot/boot-decision.ts'
import { decideBoot } from '../../server/boot/decide.ts'
import { clientForLookUp } from '../../server/boot/identify-device.ts'
import type { PxeClient } from '../../server/boot/pxe-client.ts'
import type { Device } from '../../server/site/device.ts'
import { nothingListed } from '../../server/site/listed-identifier.ts'
import {
  candidate,
  client,
  deploymentId,
  device,
  deviceId,
  facts,
  guid,
  guidA,
  guidB,
  hidden,
  hour,
  lists,
  macA,
  mark,
  macB,
  now,
  platforms,
  policy,
  preferred,
  required,
} from '../support/boot-fixtures.ts'
import { decide, decides, outcome, marked, open1, must3, must4, hidden5 } from '../support/boot-case.ts'

// May it be answered at all?
test(
  'S6-001: a paused responder answers nobody',
  decides,
  { deployed: [must3], policy: { respond: false } },
  'silence',
  /paused/,
)
test(
  'S6-010, A6-04: a listed MAC address is never served, not even as unknown',
  decides,
  { deployed: [must3], facts: { devices: [], identifierLists: lists({ ignoredMacAddresses: new Set([macA]) }) } },
  'silence',
  /ignore list/,
)
test(
  'S6-010: another MAC address on the list is nobody else',
  decides,
  { deployed: [must3], facts: { identifierLists: lists({ ignoredMacAddresses: new Set([macB]) }) } },
  'boot RVL20003',
)
test(
  'D05, PX-08: an architecture nobody serves gets no answer',
  decides,
  { deployed: [must3], client: { platform: platforms.riscv } },
  'silence',
  /architecture 27 cannot be served/,
)
test(
  'D05, PX-08: neither does 32-bit ARM',
  decides,
  { deployed: [must3], client: { platform: platforms.uefiArm32 } },
  'silence',
  /architecture 10/,
)

// Who is it?
test('S6-013: found by MAC address', decides, { deployed: [must3] }, 'boot RVL20003')
test(
  'S6-013, S6-061: found by SMBIOS GUID through another card',
  decides,
  {
    deployed: [must3],
    client: { macAddress: macB, smbiosGuid: guidA },
    facts: { devices: [device({ smbiosGuid: guidA })] },
  },
  'boot RVL20003',
)
test(
  'D10, S6-013: found by the GUID with swapped octets',
  decides,
  {
    deployed: [must3],
    client: { macAddress: macB, smbiosGuid: guid('AAAAAAAA-0100-0200-0003-00000000000A') },
    facts: { devices: [device({ smbiosGuid: guidA })] },
  },
  'boot RVL20003',
)
test(
  'A6-07: a GUID that two machines share and no list names matches one record for both',
  decides,
  {
    deployed: [must3],
    client: { macAddress: macB, smbiosGuid: guidA },
    facts: { devices: [device({ smbiosGuid: guidA, macAddresses: [macA] })] },
  },
  'boot RVL20003',
)
test(
  'S6-014: no record, so the unknown computer counts',
  decides,
  { deployed: [must3], facts: { devices: [] } },
  'boot RVL20003',
)
test(
  'S6-014, PX-14: unknown computers are served only when supported',
  decides,
  { deployed: [must3], facts: { devices: [] }, policy: { unknownComputerSupport: false } },
  'local disk',
  /unknown/,
)
test(
  'D19: identifiers of two devices choose neither',
  decides,
  {
    deployed: [must3],
    client: { smbiosGuid: guidB },
    facts: {
      devices: [device(), device({ id: deviceId('2'), name: 'PC-B', macAddresses: [macB], smbiosGuid: guidB })],
    },
  },
  'local disk',
  /belong to several devices, PC-A \(16777217\) and PC-B \(2\)/,
)
test(
  'D19: one GUID in two records chooses neither',
  decides,
  {
    deployed: [must3],
    client: { smbiosGuid: guidA },
    facts: {
      devices: [
        device({ smbiosGuid: guidA }),
        device({ id: deviceId('2'), name: 'PC-B', macAddresses: [macB], smbiosGuid: guidA }),
      ],
    },
  },
  'local disk',
  /several devices/,
)
test(
  'D19: a dock: the MAC address of one device, the GUID of another machine',
  decides,
  { deployed: [must3], client: { smbiosGuid: guidB }, facts: { devices: [device({ smbiosGuid: guidA })] } },
  'local disk',
  /its SMBIOS GUID is another/,
)
test(
  'S6-011, D19: facts gathered through a duplicate identifier are not trusted',
  decides,
  { deployed: [must3], facts: { identifierLists: lists({ duplicateIdentifiers: new Set([macA]) }) } },
  'local disk',
  /shares no usable identifier/,
)
test(
  'S6-011: with a shared GUID on the list the MAC address alone decides',
  decides,
  {
    deployed: [must3],
    client: { smbiosGuid: guidB },
    facts: {
      devices: [device({ smbiosGuid: guidA })],
      identifierLists: lists({ duplicateIdentifiers: new Set([guidB]) }),
    },
  },
  'boot RVL20003',
)

// What is deployed to it?
test(
  'S6-017, S6-024, PX-14, D23: nothing deployed, on to the disk',
  decides,
  {},
  'local disk',
  /nothing is deployed to device PC-A/,
)
test(
  'S6-017: nothing deployed to unknown computers',
  decides,
  { facts: { devices: [] } },
  'local disk',
  /nothing is deployed to unknown computers/,
)
test('S6-020, A6-03: an available deployment asks for the key', decides, { deployed: [open1] }, 'prompt RVL20001')
test('S6-021: a required deployment starts without a key', decides, { deployed: [must3] }, 'boot RVL20003')
test(
  'S6-026: a marked required deployment is left out',
  decides,
  { deployed: [must3], facts: marked('RVL20003') },
  'local disk',
  /RVL20003: it has started on this machine before/,
)
test(
  'S6-026: a marked required deployment leaves the prompt of an available one',
  decides,
  { deployed: [must3, open1], facts: marked('RVL20003') },
  'prompt RVL20001',
)
test(
  'S6-025: the mark of one deployment leaves another required one',
  decides,
  { deployed: [must3, must4], facts: marked('RVL20004') },
  'boot RVL20003',
)
const goesOn = (id: string) => ({ ...marked(id), runInBootImage: deploymentId(id) })
test(
  'S1-040, S1-047: a run that goes on in the boot image finds it again, whatever its mark',
  decides,
  { deployed: [must3, must4], facts: goesOn('RVL20003') },
  'boot RVL20003',
  /the run of deployment RVL20003 goes on in the boot image/,
)
test(
  'S1-040: it does so without a key when it was chosen from available ones, or hidden',
  decides,
  { deployed: [open1, hidden5], facts: goesOn('RVL20005') },
  'boot RVL20005',
)
test(
  'S1-040: so does the run of an unknown computer',
  decides,
  { deployed: [open1], facts: { devices: [], runInBootImage: deploymentId('RVL20001') } },
  'boot RVL20001',
)
test(
  'S1-040: of a deployment that was taken away meanwhile nothing goes on',
  decides,
  { deployed: [must4], facts: { ...marked('RVL20004'), runInBootImage: deploymentId('RVL20003') } },
  'local disk',
)
test(
  'S6-028: a mark does not concern an available deployment',
  decides,
  { deployed: [open1], facts: marked('RVL20001') },
  'prompt RVL20001',
)
test(
  'S6-031: required comes before a newer available one',
  decides,
  { deployed: [candidate('RVL20009'), must3] },
  'boot RVL20003',
  /RVL20009: required deployment RVL20003 comes first/,
)
test(
  'S6-044: a deployment to clients only is not for PXE',
  decides,
  { deployed: [candidate('RVL20001', { makeAvailableTo: 'clients' })] },
  'local disk',
  /RVL20001: it is made available to clients only/,
)
test(
  'S5-022, A5-05: a boot image does not wait until a deployment becomes available',
  decides,
  { deployed: [candidate('RVL20001', { availableAtMs: now + hour })] },
  'prompt RVL20001',
  /RVL20001 \(it becomes available in 1 h 0 min, which a boot image does not obey\)/,
)
test(
  'S5-022, A5-05: nor does the end of one keep it from starting',
  decides,
  { deployed: [candidate('RVL20003', { ...required, expiresAtMs: now - hour })] },
  'boot RVL20003',
  /^required deployment RVL20003 \(it expired 1 h 0 min ago, which a boot image does not obey\)$/,
)
test(
  'S5-022: a deployment whose schedule is for boot images as well waits',
  decides,
  { deployed: [candidate('RVL20001', { availableAtMs: now + hour, obeyScheduleInBootImage: true })] },
  'local disk',
  /RVL20001: it becomes available in 1 h 0 min/,
)
test(
  'S5-022: and is over when it is over',
  decides,
  { deployed: [candidate('RVL20003', { ...required, expiresAtMs: now, obeyScheduleInBootImage: true })] },
  'local disk',
  /RVL20003: it expired 0 min ago/,
)
test(
  'S1-077: nor is one with a disabled task sequence',
  decides,
  { deployed: [candidate('RVL20001', { sequenceEnabled: false })] },
  'local disk',
  /task sequence is disabled/,
)
test(
  'S1-080: nor is one whose sequence has no boot image',
  decides,
  { deployed: [candidate('RVL20001', { image: 'none' })] },
  'local disk',
  /no boot image/,
)

// Preferred and hidden.
test(
  'S6-040: the preferred deployment overrides a required one',
  decides,
  { deployed: [open1, must3], facts: { variables: [preferred('RVL20001')] } },
  'boot RVL20001',
  /preferred deployment RVL20001/,
)
test(
  'S6-041: a hidden available deployment starts unasked when preferred',
  decides,
  { deployed: [hidden5, open1], facts: { variables: [preferred('{RVL20005}')] } },
  'boot RVL20005',
)
test(
  'S6-044: a preferred deployment of somebody else starts nothing',
  decides,
  { deployed: [must3], facts: { variables: [preferred('RVL20099')] } },
  'local disk',
  /RVL20099: no such deployment targets this machine/,
)
test(
  'S6-043: the task sequence id as preference starts nothing',
  decides,
  { deployed: [must3], facts: { variables: [preferred('RVL00002')] } },
  'local disk',
  /identifier of a task sequence/,
)
test(
  'S6-028: a preferred deployment runs once over PXE',
  decides,
  { deployed: [hidden5], facts: { ...marked('RVL20005'), variables: [preferred('RVL20005')] } },
  'local disk',
  /clear required PXE deployments/,
)
test(
  'S6-035: a hidden deployment takes no part in choosing the boot image',
  decides,
  { deployed: [candidate('RVL20009', hidden), open1] },
  'prompt RVL20001',
  /RVL20009: it is hidden/,
)
test(
  'S6-035: nor does a hidden required one',
  decides,
  { deployed: [candidate('RVL20009', { ...hidden, ...required }), open1] },
  'prompt RVL20001',
)

test(
  'S6-025, S6-028: a required deployment that has started on an unknown computer is not started again',
  decides,
  { deployed: [must3], facts: { devices: [], unknownComputerMarks: [mark('RVL20003')] } },
  'local disk',
  /RVL20003: it has started on this machine before/,
)
test(
  'S6-026: it leaves the field to what is available to unknown computers',
  decides,
  { deployed: [open1, must3], facts: { devices: [], unknownComputerMarks: [mark('RVL20003')] } },
  'prompt RVL20001',
)
test(
  'S6-028: nor does what a preference of unknown computers named start twice',
  decides,
  {
    deployed: [hidden5],
    facts: { devices: [], unknownComputerMarks: [mark('RVL20005')], variables: [preferred('RVL20005')] },
  },
  'local disk',
  /clear required PXE deployments/,
)
test(
  'S6-025: a device has its own marks',
  decides,
  { deployed: [must3], facts: { unknownComputerMarks: [mark('RVL20003')] } },
  'boot RVL20003',
)

test('A6-02: a required deployment: served, then on to the disk, then served again after the mark is cleared', (t) => {
  t.is(outcome(decide({ deployed: [must3] })), 'boot RVL20003')
  t.is(outcome(decide({ deployed: [must3], facts: marked('RVL20003') })), 'local disk')
  t.is(outcome(decide({ deployed: [must3], facts: { devices: [device()] } })), 'boot RVL20003')
})

/** A site with one record and a deployment to unknown computers, asked as the doors ask it. */
function askSite(known: Device, asking: PxeClient, identifierLists = nothingListed): BootDecision {
  const sought = clientForLookUp(asking, identifierLists)
  const isFound =
    (isMeaningfulMacAddress(sought.macAddress) && known.macAddresses.includes(sought.macAddress)) ||
    (sought.smbiosGuid !== undefined && sought.smbiosGuid === known.smbiosGuid)
  const found = isFound
    ? facts([], { devices: [known], identifierLists })
    : facts([must4], { devices: [], identifierLists })
  return decideBoot(asking, found, policy())
}

test('A6-01, S6-015: a known device without deployments is not served as unknown', (t) => {
  t.is(outcome(askSite(device(), client())), 'local disk')
  t.is(outcome(askSite(device(), client({ macAddress: macB }))), 'boot RVL20004')
})

test('A6-04, S6-011: a duplicate MAC address is left out: found by GUID, or served as unknown', (t) => {
  const settings = lists({ duplicateIdentifiers: new Set([macA]) })
  const known = device({ smbiosGuid: guidA })
  const byGuid = askSite(known, client({ smbiosGuid: guidA }), settings)
  t.is(byGuid.deviceId, known.id)
  t.is(byGuid.kind, 'continue-to-local-disk')
  t.is(outcome(askSite(known, client({ smbiosGuid: guidB }), settings)), 'boot RVL20004')
})

test('S6-011: a duplicate GUID is left out in either order of octets', (t) => {
  const settings = lists({ duplicateIdentifiers: new Set([guid('AAAAAAAA-0100-0200-0003-00000000000A')]) })
  t.is(clientForLookUp(client({ smbiosGuid: guidA }), settings).smbiosGuid, undefined)
  t.is(clientForLookUp(client({ smbiosGuid: guidB }), settings).smbiosGuid, guidB)
})

test('A07: the screen text for a preference that cannot be honoured tells nothing, the reason does', (t) => {
  const texts = ['RVL20098', 'RVL20099'].map((id) => {
    const decision = decide({
      deployed: [candidate('RVL20098', { ...hidden, expiresAtMs: now, obeyScheduleInBootImage: true })],
      facts: { variables: [preferred(id)] },
    })
    return decision.kind === 'continue-to-local-disk' ? decision.publicText?.replace(id, 'ID') : undefined
  })
  t.is(texts[0], 'SMSTSPreferredAdvertID names ID, which cannot run on this machine now. Nothing is started.')
  t.is(texts[0], texts[1])
})
