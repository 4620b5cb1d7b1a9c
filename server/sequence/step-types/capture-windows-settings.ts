/** Capture Windows Settings (S2-071): name, owner and time zone of the system that is there now become variables. */

import { flag } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

export const captureWindowsSettings = defineStepType({
  type: 'capture-windows-settings',
  title: 'Capture Windows Settings',
  about: 'Keeps the name, the owner and the time zone of this computer for the system that is applied later.',
  category: 'settings',
  runsIn: 'both',
  xmlName: 'CaptureWindowsSettingsAction',
  outputs: ['OSDComputerName', 'OSDRegisteredOrgName', 'OSDTimeZone'],
  fields: {
    computerName: flag('Keeps the name.', true, 'OSDMigrateComputerName'),
    registration: flag('Keeps the user and the organization.', true, 'OSDMigrateRegistrationInfo'),
    timeZone: flag('Keeps the time zone.', true, 'OSDMigrateTimeZone'),
  },
})

export type CaptureWindowsSettings = ActionOf<typeof captureWindowsSettings>
