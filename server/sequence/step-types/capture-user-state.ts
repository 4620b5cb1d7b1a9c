/** Capture User State (S2-050): what belongs to the users of this computer is put into the state store, encrypted. */

import type { ValuesOf } from '../field.ts'
import { flag, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { stateStorePathVariable } from './state-store-path.ts'
import { requireSettingsFiles, userStateFields } from './user-state-fields.ts'

const { packageId, mode, settingsFiles, verboseLogging, additionalOptions } = userStateFields({
  mode: 'simple takes all user profiles; advanced asks the settings files.',
  optionsVariable: 'OSDMigrateAdditionalCaptureOptions',
})

const fields = {
  packageId,
  mode,
  settingsFiles,
  verboseLogging,
  skipEncryptedFiles: flag('Leaves out files that the file system encrypts.', false, 'OSDMigrateSkipEncryptedFiles'),
  method: word(
    'file-system copies what is there; snapshot asks the volume for a still picture first.',
    ['file-system', 'snapshot'],
    { absent: 'file-system' },
  ),
  continueOnLockedFiles: flag('A file that cannot be read is left out.', true, 'OSDMigrateContinueOnLockedFiles'),
  useHardLinks: flag('Keeps the files where they are, and only links them into a store on the same volume.', false),
  offline: flag('Captures, from the boot image, the system that is on the disk.', false),
  additionalOptions,
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
  requireSettingsFiles(settings, place)
  const { method, useHardLinks, offline } = settings
  if (method === 'snapshot' && (useHardLinks || offline)) {
    const message = 'Hard links and a system that is not running need the method file-system.'
    fault(memberOf(place, 'method'), 'contradiction', message)
  }
  return settings
}
