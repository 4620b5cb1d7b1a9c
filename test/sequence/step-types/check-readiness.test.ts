/** Check Readiness as a document. */

import test from 'ava'
import { defaultsOf, faultsOf } from '../../support/action-macros.ts'

const type = 'check-readiness'

test(
  'S2-025: memory and processor are checked, the rest is off',
  defaultsOf,
  { type },
  {
    minimumMemoryMegabytes: 768,
    minimumSpeedMegahertz: 800,
    minimumDiskMegabytes: 0,
    osType: 'not-checked',
    architecture: 'not-checked',
    minimumOsVersion: '',
    maximumOsVersion: '',
    minimumClientVersion: '',
    osLanguage: '',
    acPower: false,
    network: false,
    wired: false,
  },
)
test(
  'S2-025: versions have a form',
  faultsOf,
  { type, minimumOsVersion: '10.x', maximumOsVersion: '10.0.18356', minimumClientVersion: '5.00.8913.1005' },
  'minimumOsVersion bad-characters',
)
test('S2-025: "not wireless" depends on a network adapter', faultsOf, { type, wired: true }, 'wired contradiction')
test('S2-028: the disk that an upgrade needs', faultsOf, {
  type,
  minimumDiskMegabytes: 20_480,
  network: true,
  wired: true,
})
