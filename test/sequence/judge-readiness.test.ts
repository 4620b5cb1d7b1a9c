/** Check Readiness over facts that are told. */

import test from 'ava'
import {
  compareDottedVersions,
  judgeReadiness,
  readinessVariablesOf,
  type ReadinessFacts,
} from '../../server/sequence/judge-readiness.ts'
import { actionOf } from '../support/actions.ts'

const off = { minimumMemoryMegabytes: 0, minimumSpeedMegahertz: 0 }

function judge(wanted: object, facts: ReadinessFacts) {
  const action = actionOf({ type: 'check-readiness', ...wanted })
  return judgeReadiness(action, facts)
}

const says = test.macro((t, wanted: object, facts: ReadinessFacts, ...expected: string[]) => {
  t.deepEqual(
    judge({ ...off, ...wanted }, facts).map(({ passed, message }) => `${passed ? 'passed' : 'failed'} ${message}`),
    expected,
  )
})

test('S2-025: nothing wanted', says, {}, {})
test(
  'S2-025: memory that is just enough',
  says,
  { minimumMemoryMegabytes: 768 },
  { memoryMegabytes: 768 },
  'passed memory: 768 MB, wanted at least 768 MB',
)
test(
  'S2-026: all are judged, whatever the first says',
  says,
  { minimumMemoryMegabytes: 768, minimumSpeedMegahertz: 800, minimumDiskMegabytes: 1 },
  { memoryMegabytes: 1, speedMegahertz: 900 },
  'failed memory: 1 MB, wanted at least 768 MB',
  'passed processor speed: 900 MHz, wanted at least 800 MHz',
  'failed free disk space: not known, wanted at least 1 MB',
)
test(
  'S2-025: kind and architecture',
  says,
  { osType: 'client', architecture: '64-bit' },
  { osType: 'server', architecture: '64-bit' },
  'failed kind of system: server, wanted client',
  'passed architecture: 64-bit, wanted 64-bit',
)
test(
  'S2-025: versions',
  says,
  { minimumOsVersion: '10.0.9', maximumOsVersion: '10.0.18356', minimumClientVersion: '0.2' },
  { osVersion: '10.0.10', clientVersion: '0.1.9' },
  'passed version of the system: 10.0.10, wanted at least 10.0.9',
  'passed version of the system: 10.0.10, wanted at most 10.0.18356',
  'failed version of the client: 0.1.9, wanted at least 0.2',
)
test(
  'S2-025: a language, and any of its countries',
  says,
  { osLanguage: 'de' },
  { osLanguage: 'de_AT' },
  'passed language of the system: de_AT, wanted de',
)
test(
  'S2-025: another country',
  says,
  { osLanguage: 'de-DE' },
  { osLanguage: 'de-AT' },
  'failed language of the system: de-AT, wanted de-DE',
)
test(
  'S2-025: power and network',
  says,
  { acPower: true, network: true, wired: true },
  { onAcPower: false, isConnected: true, isWired: false },
  'failed runs on mains power: no',
  'passed network adapter connected: yes',
  'failed connected by wire: no',
)

test('S2-027: each check has its variable: 1, 0, or nothing', (t) => {
  const results = judge({ minimumMemoryMegabytes: 768 }, { memoryMegabytes: 1_000 })
  t.deepEqual(
    readinessVariablesOf(results).map(({ name, value }) => `${name}=${value}`),
    [
      '_TS_CRMEMORY=1',
      '_TS_CRSPEED=0',
      '_TS_CRDISK=',
      '_TS_CROSTYPE=',
      '_TS_CRARCH=',
      '_TS_CRMINOSVER=',
      '_TS_CRMAXOSVER=',
      '_TS_CRCLIENTMINVER=',
      '_TS_CROSLANGUAGE=',
      '_TS_CRACPOWER=',
      '_TS_CRNETWORK=',
      '_TS_CRWIRED=',
    ],
  )
})

test('versions are compared number by number', (t) => {
  t.is(compareDottedVersions('1.2', '1.2.0'), 0)
  t.true(compareDottedVersions('1.10', '1.9') > 0)
  t.true(compareDottedVersions('6.1.0-9-amd64', '6.1.1') < 0)
})
