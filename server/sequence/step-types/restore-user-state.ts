/** Restore User State (S2-051): what was captured goes back to the users of the new system. */

import type { ValuesOf } from '../field.ts'
import { flag, list, optional, reference, text, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { settingsFileCharactersMax, settingsFilesMax, stateStorePathVariable } from './state-store-path.ts'

const fields = {
  packageId: optional(reference('The package with the migration tool, where the system needs one.', 'package')),
  mode: word('simple restores all that was captured; advanced asks the settings files.', ['simple', 'advanced'], {
    absent: 'simple',
    variable: 'OSDMigrateMode',
  }),
  settingsFiles: list(
    'Settings files of the package, for advanced.',
    text('A file name within the package.', { max: settingsFileCharactersMax }),
    { min: 0, max: settingsFilesMax, absent: [], variable: 'OSDMigrateConfigFiles' },
  ),
  restoreLocalAccounts: flag('Makes the local accounts anew that were captured.', false, 'OSDMigrateLocalAccounts'),
  localAccountPassword: text('The one password that all of them get.', {
    max: 255,
    absent: '',
    secret: true,
    variable: 'OSDMigrateLocalAccountPassword',
  }),
  continueOnRestore: flag('A file that cannot be restored is left out.', true, 'OSDMigrateContinueOnRestore'),
  verboseLogging: flag('Writes each file into the log.', false, 'OSDMigrateEnableVerboseLogging'),
  additionalOptions: text('Further options of the migration tool.', {
    max: 4_000,
    absent: '',
    variable: 'OSDMigrateAdditionalRestoreOptions',
  }),
}

type Settings = ValuesOf<typeof fields>

export const restoreUserState = defineStepType({
  type: 'restore-user-state',
  title: 'Restore User State',
  about: 'Gives the users of the new system their files and settings back.',
  category: 'user-state',
  runsIn: 'installed-system',
  xmlName: 'RestoreUserStateAction',
  inputs: [stateStorePathVariable, 'OSDStateStoreKey', '_OSDMigrateUsmtRestorePackageID'],
  fields,
  together: { settle: settlePassword },
})

export type RestoreUserState = ActionOf<typeof restoreUserState>

function settlePassword(settings: Settings, place: Place): Settings {
  if (settings.mode === 'advanced' && settings.settingsFiles.length === 0) {
    fault(memberOf(place, 'settingsFiles'), 'missing', 'Give the settings files, or choose simple.')
  }
  if (settings.restoreLocalAccounts && settings.localAccountPassword === '') {
    const message = 'Give the password that the restored local accounts get: theirs is not captured.'
    fault(memberOf(place, 'localAccountPassword'), 'missing', message)
  }
  return settings
}
