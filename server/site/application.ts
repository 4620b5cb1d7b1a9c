/**
 * An application: what is to be there in the end, and one or more ways to get it there (S2-029 to S2-034). The first
 * deployment type whose requirements the machine meets is used; one whose detection finds it installed already is not run.
 */

import type { BootArchitecture } from './boot-image.ts'
import { type ContentVersion, isContentName } from './content.ts'
import type { PackageId } from '../address/identifiers.ts'
import { type FieldFault, findRepeated } from './field-fault.ts'
import type { SystemFamily } from './platform.ts'

export interface Application {
  readonly id: PackageId
  /** A dynamic list of *Install Application* has exactly this name, case-sensitive (S2-032). */
  readonly name: string
  readonly description: string
  readonly publisher: string
  readonly version: string
  /** False: retired. Task sequences that need it do not start (S2-029). */
  readonly enabled: boolean
  /** "Allow this application to be installed from the Install Application task sequence action without being deployed". */
  readonly allowInstallFromTaskSequence: boolean
  /** In the order of their priority. */
  readonly deploymentTypes: readonly DeploymentType[]
  /** Other applications, installed before this one (S2-030). */
  readonly dependencies: readonly PackageId[]
  readonly supersedes: readonly Supersedence[]
  /** The files of all deployment types, each below its `contentFolder`. */
  readonly content?: ContentVersion
  readonly revision: number
}

export interface Supersedence {
  readonly applicationId: PackageId
  /** Its uninstall command line is run first, where it is installed. */
  readonly uninstall: boolean
}

/** A union of one: more kinds come with their own fields. */
export type DeploymentType = ScriptDeploymentType

export interface ScriptDeploymentType {
  readonly kind: 'script'
  readonly name: string
  /** One name, such as `deb`: the folder of the application's content with its files. Absent: it needs none. */
  readonly contentFolder?: string
  readonly installCommandLine: string
  /** Empty: it cannot be uninstalled. */
  readonly uninstallCommandLine: string
  /** 0: no limit. */
  readonly maxRunTimeMinutes: number
  /** Besides these, 3010 is success and asks for a restart (S2-029). */
  readonly successCodes: readonly number[]
  readonly detection: Detection
  /** All of them must hold. */
  readonly requirements: readonly Requirement[]
}

export type Detection =
  /** An absolute path; may hold `%variables%`. */
  | { readonly kind: 'path-exists'; readonly path: string; readonly type: 'file' | 'folder' }
  /** Of the system's package manager, whose order of versions counts. */
  | { readonly kind: 'package-installed'; readonly packageName: string; readonly minimumVersion?: string }
  /** Installed when it ends with exit code 0. */
  | { readonly kind: 'command'; readonly commandLine: string }

export type Requirement =
  | { readonly kind: 'architecture'; readonly anyOf: readonly BootArchitecture[] }
  | { readonly kind: 'minimum-memory'; readonly megabytes: number }
  | { readonly kind: 'system'; readonly anyOf: readonly SystemFamily[] }

export const deploymentTypesMax = 50
export const detectionPathCharactersMax = 1_024
/** A terabyte. */
export const requiredMemoryMegabytesMax = 1_048_576

/** Below the root, of a drive, or from a variable on. */
const absolutePath = /^(?:\/|[A-Za-z]:[\\/]|%[^%]+%)/

export function findApplicationFaults(
  draft: Pick<Application, 'deploymentTypes' | 'dependencies' | 'supersedes'>,
): readonly FieldFault[] {
  const { deploymentTypes, dependencies, supersedes } = draft
  const superseded = supersedes.map(({ applicationId }) => applicationId)
  const names = deploymentTypes.map(({ name }) => name)
  return [
    ...findRepeated(names, (index) => ['deploymentTypes', index, 'name']),
    ...deploymentTypes.flatMap((type, index) =>
      findTypeFaults(type).map(({ path, message }) => ({ path: ['deploymentTypes', index, ...path], message })),
    ),
    ...findRepeated(dependencies, (index) => ['dependencies', index]),
    ...findRepeated(superseded, (index) => ['supersedes', index, 'applicationId']),
    ...superseded.flatMap((id, index) =>
      dependencies.includes(id)
        ? [{ path: ['supersedes', index, 'applicationId'], message: `${id} cannot be needed and replaced at once` }]
        : [],
    ),
  ]
}

function findTypeFaults(type: DeploymentType): readonly FieldFault[] {
  const { contentFolder, detection, requirements, successCodes } = type
  const faults: FieldFault[] = [
    ...findRepeated(successCodes.map(String), (index) => ['successCodes', index]),
    ...findRepeated(
      requirements.map(({ kind }) => kind),
      (index) => ['requirements', index, 'kind'],
    ),
  ]
  if (contentFolder !== undefined && !isContentFolder(contentFolder))
    faults.push({ path: ['contentFolder'], message: 'is not the name of one folder' })
  if (detection.kind === 'path-exists' && !absolutePath.test(detection.path))
    faults.push({ path: ['detection', 'path'], message: 'is not an absolute path' })
  return faults
}

/** One segment of a content name. */
export function isContentFolder(text: string): boolean {
  return isContentName(text) && !text.includes('/')
}
