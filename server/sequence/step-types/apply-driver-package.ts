/** Apply Driver Package (S2-069): every driver of a package, for machines that a condition has chosen. */

import type { ValuesOf } from '../field.ts'
import { flag, optional, record, reference, text } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

const fields = {
  packageId: reference('The driver package.', 'driver-package'),
  recurse: flag('Windows: lets DISM look through the folders of the package (/recurse).', false),
  additionalOptions: text('Windows: further options of DISM, with recurse only.', {
    max: 4_000,
    absent: '',
    variable: 'OSDInstallDriversAdditionalOptions',
  }),
  massStorage: optional(
    record('Windows before 6.0: the driver that the system needs to find its disk.', {
      contentId: text('The content of the driver.', {
        max: 255,
      }),
      hardwareComponent: text('The component, such as scsi.', { max: 255, absent: 'scsi' }),
      deviceId: text('The id of the device in the driver.', { max: 255 }),
      infFile: text('The file of the driver.', { max: 255 }),
    }),
  ),
}

type Settings = ValuesOf<typeof fields>

export const applyDriverPackage = defineStepType({
  type: 'apply-driver-package',
  title: 'Apply Driver Package',
  about: 'Puts all drivers of a package into the applied system.',
  category: 'drivers',
  runsIn: 'boot-image',
  xmlName: 'ApplyDriverPackageAction',
  fields,
  together: { settle },
})

export type ApplyDriverPackage = ActionOf<typeof applyDriverPackage>

function settle(settings: Settings, place: Place): Settings {
  if (settings.additionalOptions !== '' && !settings.recurse) {
    fault(memberOf(place, 'additionalOptions'), 'contradiction', 'Set recurse to true, or leave the options out.')
  }
  return settings
}
