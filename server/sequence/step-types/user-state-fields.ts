/** What Capture and Restore User State (S2-050, S2-051) both say: the migration tool, and how it chooses. */

import type { Field, OptionalField } from '../field.ts'
import { flag, list, optional, reference, text, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'

/** Ours. */
const settingsFilesMax = 32
const settingsFileCharactersMax = 255

interface UserStateFields {
  readonly packageId: OptionalField<string>
  readonly mode: Field<'simple' | 'advanced'>
  readonly settingsFiles: Field<readonly string[]>
  readonly verboseLogging: Field<boolean>
  readonly additionalOptions: Field<string>
}

interface Wording {
  readonly mode: string
  readonly optionsVariable: string
}

export function userStateFields({ mode, optionsVariable }: Wording): UserStateFields {
  return {
    packageId: optional(reference('The package with the migration tool, where the system needs one.', 'package')),
    mode: word(mode, ['simple', 'advanced'], { absent: 'simple', variable: 'OSDMigrateMode' }),
    settingsFiles: list(
      'Settings files of the package, for advanced.',
      text('A file name within the package.', { max: settingsFileCharactersMax }),
      { min: 0, max: settingsFilesMax, absent: [], variable: 'OSDMigrateConfigFiles' },
    ),
    verboseLogging: flag('Writes each file into the log.', false, 'OSDMigrateEnableVerboseLogging'),
    additionalOptions: text('Further options of the migration tool.', {
      max: 4_000,
      absent: '',
      variable: optionsVariable,
    }),
  }
}

interface Choice {
  readonly mode: 'simple' | 'advanced'
  readonly settingsFiles: readonly string[]
}

export function requireSettingsFiles({ mode, settingsFiles }: Choice, place: Place): void {
  if (mode === 'simple' || settingsFiles.length > 0) return
  fault(memberOf(place, 'settingsFiles'), 'missing', 'Give the settings files, or choose simple.')
}
