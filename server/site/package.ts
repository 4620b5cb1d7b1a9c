/**
 * A package: files, and programs that are run with them (S2-035, S2-036). A package without files has programs only.
 * Objects are plain data; whether a program may run on a machine is the step's question.
 */

import type { ContentVersion } from './content.ts'
import type { PackageId } from '../address/identifiers.ts'
import { type FieldFault, findRepeated } from './field-fault.ts'
import type { Platform } from './platform.ts'

export interface Package {
  readonly id: PackageId
  readonly name: string
  readonly description: string
  readonly manufacturer: string
  readonly language: string
  readonly version: string
  readonly programs: readonly Program[]
  /** Absent until content was added, and for ever in a package of programs only. */
  readonly content?: ContentVersion
  readonly revision: number
}

export interface Program {
  /** Up to 50 characters; a dynamic list of *Install Package* names it `RVL00001:Name`, case-sensitive (S2-036). */
  readonly name: string
  readonly description: string
  readonly commandLine: string
  /** Below the package's files, or absolute; empty: where the files are. */
  readonly workingDirectory: string
  /** The only one there is: programs of a task sequence run as Local System, which on Linux is root (S2-035). */
  readonly runMode: 'local-system'
  /** 0: no limit. */
  readonly maxRunTimeMinutes: number
  /** Empty: any. */
  readonly allowedPlatforms: readonly Platform[]
  /** "Run another program first": the step fails when that one has not run yet (S2-035). */
  readonly runFirst?: ProgramReference
  /** "Allow this program to be installed from the Install Package task sequence without being deployed" (S2-036). */
  readonly allowInstallFromTaskSequence: boolean
  /** `restart-by-exit-code`: 3010 is success and asks for a restart. `no-restart`: 3010 means what the success codes say. */
  readonly afterRunning: 'no-restart' | 'restart-by-exit-code'
  readonly successCodes: readonly number[]
}

export interface ProgramReference {
  readonly packageId: PackageId
  readonly programName: string
}

/** Of an identifier and a name; as dynamic lists write it. */
export function printProgramReference({ packageId, programName }: ProgramReference): string {
  return `${packageId}:${programName}`
}

export const programsMax = 100
export const programNameCharactersMax = 50

export function findProgramFaults(programs: readonly Program[]): readonly FieldFault[] {
  const names = programs.map(({ name }) => name)
  return [
    ...findRepeated(names, (index) => ['programs', index, 'name']),
    ...programs.flatMap(({ successCodes }, index) =>
      findRepeated(successCodes.map(String), (at) => ['programs', index, 'successCodes', at]),
    ),
  ]
}
