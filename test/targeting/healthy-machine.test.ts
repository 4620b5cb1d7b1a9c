/** A machine that is well is not installed anew because it happened to start from the network first (S5-043, S12-016). */

import test from 'ava'
import { deploymentId, device, hidden, hour, now, preferred } from '../support/boot-fixtures.ts'
import { decides, must3, must4, open1 } from '../support/boot-case.ts'
import { candidate, required } from '../support/boot-fixtures.ts'
import { selectForMachine } from '../../server/targeting/select-for-machine.ts'
import { nothingGuarded } from '../../server/site/start-guard.ts'

const well = { startGuard: { ...nothingGuarded, healthyHours: 24 }, clientHeardAtMs: now - hour }

test(
  'S5-043, S12-016: a machine whose client was heard an hour ago goes on to its disk, and the preview says why',
  decides,
  { deployed: [must3], facts: well },
  'local disk',
  /^RVL20003: it was installed, or its client was heard, 1 h 0 min ago, so the machine is well; clear its required/,
)
test(
  'S5-043: what is available is offered all the same',
  decides,
  { deployed: [must3, open1], facts: well },
  'prompt RVL20001',
)
test(
  'S5-043: one that was not heard for so long starts as published',
  decides,
  { deployed: [must3], facts: { ...well, clientHeardAtMs: now - 24 * hour } },
  'boot RVL20003',
)
test(
  'S5-043: one that was never heard starts as published',
  decides,
  { deployed: [must3], facts: { startGuard: { ...nothingGuarded, healthyHours: 24 } } },
  'boot RVL20003',
)
test(
  'S5-043: a site may leave it as published',
  decides,
  { deployed: [must3], facts: { ...well, startGuard: nothingGuarded } },
  'boot RVL20003',
)
test(
  'S5-043: a deployment may be meant for machines that are well',
  decides,
  { deployed: [must4, candidate('RVL20003', { ...required, reinstallHealthy: true })], facts: well },
  'boot RVL20003',
)
test(
  'S5-043, S6-027: whoever cleared the marks of the machine consented',
  decides,
  { deployed: [must3], facts: { ...well, reinstallConsents: ['any'] } },
  'boot RVL20003',
)
test(
  'S5-043, S6-027: consent to one deployment is none to another',
  decides,
  { deployed: [must3, must4], facts: { ...well, reinstallConsents: [deploymentId('RVL20003')] } },
  'boot RVL20003',
)
test(
  'S5-043, S6-041: naming a deployment for the machine is consent',
  decides,
  {
    deployed: [candidate('RVL20003', { ...required, ...hidden })],
    facts: { ...well, devices: [device()], variables: [preferred('RVL20003')] },
  },
  'boot RVL20003',
)
test(
  'S5-043, S1-040: a run that goes on in the boot image is not held back',
  decides,
  { deployed: [must3], facts: { ...well, runInBootImage: must3.deployment.id } },
  'boot RVL20003',
)
test('S5-043: what starts in the installed system itself, or from a medium, is another matter', (t) => {
  const where = { variables: [], marks: [], nowMs: now, guard: well.startGuard, clientHeardAtMs: well.clientHeardAtMs }
  t.is(selectForMachine([must3], { ...where, door: 'client' }).kind, 'start')
  t.is(selectForMachine([must3], { ...where, door: 'media' }).kind, 'start')
  t.is(selectForMachine([must3], { ...where, door: 'pxe' }).kind, 'nothing')
})
