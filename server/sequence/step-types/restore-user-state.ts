/** Restore User State (S2-051): what was captured goes back to the users of the new system. */

import type { ValuesOf } from '../field.ts'
import { flag, text } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { captureBegunVariable, stateStorePathVariable } from './state-store-path.ts'
import { requireSettingsFiles, userStateFields } from './user-state-fields.ts'

const { packageId, mode, settingsFiles, verboseLogging, additionalOptions } = userStateFields({
  mode: 'simple restores all that was captured; advanced asks the settings files.',
  optionsVariable: 'OSDMigrateAdditionalRestoreOptions',
})

const fields = {
  packageId,
  mode,
  settingsFiles,
  restoreLocalAccounts: flag('Makes the local accounts anew that were captured.', false, 'OSDMigrateLocalAccounts'),
  localAccountPassword: text('The one password that all of them get.', {
    max: 255,
    absent: '',
    secret: true,
    variable: 'OSDMigrateLocalAccountPassword',
  }),
  continueOnRestore: flag('A file that cannot be restored is left out.', true, 'OSDMigrateContinueOnRestore'),
  verboseLogging,
  additionalOptions,
}

type Settings = ValuesOf<typeof fields>

export const restoreUserState = defineStepType({
  type: 'restore-user-state',
  title: 'Restore User State',
  about: 'Gives the users of the new system their files and settings back.',
  category: 'user-state',
  runsIn: 'installed-system',
  xmlName: 'RestoreUserStateAction',
  inputs: [stateStorePathVariable, captureBegunVariable, 'OSDStateStoreKey', '_OSDMigrateUsmtRestorePackageID'],
  fields,
  together: { settle: settlePassword },
})

export type RestoreUserState = ActionOf<typeof restoreUserState>

function settlePassword(settings: Settings, place: Place): Settings {
  requireSettingsFiles(settings, place)
  if (settings.restoreLocalAccounts && settings.localAccountPassword === '') {
    const message = 'Give the password that the restored local accounts get: theirs is not captured.'
    fault(memberOf(place, 'localAccountPassword'), 'missing', message)
  }
  return settings
}
