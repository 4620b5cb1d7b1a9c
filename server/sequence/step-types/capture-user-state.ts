/** Capture User State (S2-050): what belongs to the users of this computer is put into the state store, encrypted. */

import type { ValuesOf } from '../field.ts'
import { flag, list, optional, reference, text, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { settingsFileCharactersMax, settingsFilesMax, stateStorePathVariable } from './state-store-path.ts'

const fields = {
  packageId: optional(reference('The package with the migration tool, where the system needs one.', 'package')),
  mode: word('simple takes all user profiles; advanced asks the settings files.', ['simple', 'advanced'], {
    absent: 'simple',
    variable: 'OSDMigrateMode',
  }),
  settingsFiles: list(
    'Settings files of the package, for advanced.',
    text('A file name within the package.', { max: settingsFileCharactersMax }),
    { min: 0, max: settingsFilesMax, absent: [], variable: 'OSDMigrateConfigFiles' },
  ),
  verboseLogging: flag('Writes each file into the log.', false, 'OSDMigrateEnableVerboseLogging'),
  skipEncryptedFiles: flag('Leaves out files that the file system encrypts.', false, 'OSDMigrateSkipEncryptedFiles'),
  method: word(
    'file-system copies what is there; snapshot asks the volume for a still picture first.',
    ['file-system', 'snapshot'],
    { absent: 'file-system' },
  ),
  continueOnLockedFiles: flag('A file that cannot be read is left out.', true, 'OSDMigrateContinueOnLockedFiles'),
  useHardLinks: flag('Keeps the files where they are, and only links them into a store on the same volume.', false),
  offline: flag('Captures, from the boot image, the system that is on the disk.', false),
  additionalOptions: text('Further options of the migration tool.', {
    max: 4_000,
    absent: '',
    variable: 'OSDMigrateAdditionalCaptureOptions',
  }),
}

type Settings = ValuesOf<typeof fields>

export const captureUserState = defineStepType({
  type: 'capture-user-state',
  title: 'Capture User State',
  about: 'Puts the files and settings of the users into the state store, encrypted.',
  category: 'user-state',
  runsIn: 'both',
  xmlName: 'CaptureUserStateAction',
  inputs: [stateStorePathVariable, '_OSDMigrateUsmtPackageID'],
  outputs: ['OSDStateStoreKey', '_SMSTSUserStatePath'],
  fields,
  together: { settle },
})

export type CaptureUserState = ActionOf<typeof captureUserState>

function settle(settings: Settings, place: Place): Settings {
  const { mode, settingsFiles, method, useHardLinks, offline } = settings
  if (mode === 'advanced' && settingsFiles.length === 0) {
    fault(memberOf(place, 'settingsFiles'), 'missing', 'Give the settings files, or choose simple.')
  }
  if (method === 'snapshot' && (useHardLinks || offline)) {
    const message = 'Hard links and a system that is not running need the method file-system.'
    fault(memberOf(place, 'method'), 'contradiction', message)
  }
  return settings
}
