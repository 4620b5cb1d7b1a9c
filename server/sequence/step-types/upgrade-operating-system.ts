/** Upgrade Operating System (S2-065 to S2-067): the installed system becomes a newer one, and keeps what is in it. */

import type { ValuesOf } from '../field.ts'
import { flag, optional, reference, text, wholeNumber } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

const pathCharactersMax = 255
const editionCharactersMax = 255
/** Ours: three days. */
const timeoutMinutesMax = 4_320
/** Five groups of five, or the encoded form of a volume licence. */
const productKeyCharactersMax = 255

const fields = {
  upgradePackageId: optional(reference('The files to upgrade from.', 'operating-system-upgrade-package')),
  sourcePath: text('Instead of a package: a folder that the machine has, as a rule in a variable.', {
    max: pathCharactersMax,
    absent: '',
  }),
  edition: text('The edition of the package to upgrade to; left out: that of the system.', {
    max: editionCharactersMax,
    absent: '',
  }),
  editionIndex: wholeNumber('Its number in the package; 0: found by the edition.', { min: 0, max: 65_535, absent: 0 }),
  productKey: text('The product key of Windows.', { max: productKeyCharactersMax, absent: '', secret: true }),
  driverPackageId: optional(reference('Drivers that the setup installs.', 'driver-package')),
  driverPath: text('Instead of a driver package: a folder with drivers that the machine has.', {
    max: pathCharactersMax,
    absent: '',
  }),
  timeoutMinutes: wholeNumber('After these the setup is ended, and the step has failed; 0: never.', {
    min: 0,
    max: timeoutMinutesMax,
    absent: 0,
  }),
  scanOnly: flag('Finds out whether the upgrade is possible, and changes nothing.', false),
  ignoreDismissibleMessages: flag('Goes on where the setup finds something that a person could dismiss.', false),
  dynamicUpdate: flag('The setup looks for its own updates first.', false),
}

type Settings = ValuesOf<typeof fields>

export const upgradeOperatingSystem = defineStepType({
  type: 'upgrade-operating-system',
  title: 'Upgrade Operating System',
  about: 'Upgrades the installed system to a newer version.',
  category: 'images',
  runsIn: 'installed-system',
  xmlName: 'UpgradeOperatingSystemAction',
  inputs: ['OSDSetupAdditionalUpgradeOptions', 'SetupCompletePause'],
  outputs: ['_SMSTSOSUpgradeActionReturnCode'],
  fields,
  together: { settle },
})

export type UpgradeOperatingSystem = ActionOf<typeof upgradeOperatingSystem>

function settle(settings: Settings, place: Place): Settings {
  const { upgradePackageId, sourcePath, driverPackageId, driverPath } = settings
  if (upgradePackageId === undefined && sourcePath === '') {
    fault(memberOf(place, 'upgradePackageId'), 'missing', 'Give an upgrade package, or sourcePath.')
  }
  if (upgradePackageId !== undefined && sourcePath !== '') {
    fault(memberOf(place, 'sourcePath'), 'contradiction', 'Give upgradePackageId or sourcePath, not both.')
  }
  if (driverPackageId !== undefined && driverPath !== '') {
    fault(memberOf(place, 'driverPath'), 'contradiction', 'Give driverPackageId or driverPath, not both.')
  }
  return settings
}
