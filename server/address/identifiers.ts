/**
 * Identifiers of site objects: site code (3 characters) and 5 hexadecimal digits.
 * Content and task sequences count from 00001, collections from 10001, deployments from 20001, so that
 * the kind of an identifier can be seen. Names are compared as plain text (S6-030).
 */

/** Boot images, operating system images, packages and task sequences. */
export type PackageId = string & { readonly __brand: 'PackageId' }
export type CollectionId = string & { readonly __brand: 'CollectionId' }
/** Stands for one that is not saved: no collection has it. */
export const unsavedCollectionId = '' as CollectionId
/** The value of `SMSTSPreferredAdvertID` (S6-043). */
export type DeploymentId = string & { readonly __brand: 'DeploymentId' }
/** A device's resource number, as text. */
export type DeviceId = string & { readonly __brand: 'DeviceId' }
/** A folder of task sequences, numbered as text. */
export type TaskSequenceFolderId = string & { readonly __brand: 'TaskSequenceFolderId' }
/** A template of deployments, numbered as text. */
export type DeploymentTemplateId = string & { readonly __brand: 'DeploymentTemplateId' }
/** A distribution point, and a group of them, each numbered as text. */
export type DistributionPointId = string & { readonly __brand: 'DistributionPointId' }
export type DistributionPointGroupId = string & { readonly __brand: 'DistributionPointGroupId' }
/** One execution of a task sequence on one machine; 128 random bits, hexadecimal. */
export type RunId = string & { readonly __brand: 'RunId' }

export type SiteCode = string & { readonly __brand: 'SiteCode' }

export const defaultSiteCode = 'RVL' as SiteCode

export const firstNumber = { package: 0x00001, collection: 0x10001, deployment: 0x20001 } as const
export type IdentifierKind = keyof typeof firstNumber

/** Where each kind stops, so that kinds never run into one another. */
export const lastNumber = { package: 0x0ffff, collection: 0x1ffff, deployment: 0xfffff } as const

export function parseSiteCode(text: string): SiteCode | undefined {
  return /^[A-Z0-9]{3}$/.test(text) ? (text as SiteCode) : undefined
}

export function printIdentifier(siteCode: SiteCode, number: number): string {
  return siteCode + number.toString(16).toUpperCase().padStart(5, '0')
}

export function parsePackageId(text: string): PackageId | undefined {
  return parseKind(text, 'package') as PackageId | undefined
}

export function parseCollectionId(text: string): CollectionId | undefined {
  return parseKind(text, 'collection') as CollectionId | undefined
}

export function parseDeploymentId(text: string): DeploymentId | undefined {
  return parseKind(text, 'deployment') as DeploymentId | undefined
}

export function parseDeviceId(text: string): DeviceId | undefined {
  return /^[1-9][0-9]{0,9}$/.test(text) ? (text as DeviceId) : undefined
}

export function parseTaskSequenceFolderId(text: string): TaskSequenceFolderId | undefined {
  return /^[1-9][0-9]{0,9}$/.test(text) ? (text as TaskSequenceFolderId) : undefined
}

export function parseDeploymentTemplateId(text: string): DeploymentTemplateId | undefined {
  return /^[1-9][0-9]{0,9}$/.test(text) ? (text as DeploymentTemplateId) : undefined
}

export function parseDistributionPointId(text: string): DistributionPointId | undefined {
  return /^[1-9][0-9]{0,9}$/.test(text) ? (text as DistributionPointId) : undefined
}

export function parseDistributionPointGroupId(text: string): DistributionPointGroupId | undefined {
  return /^[1-9][0-9]{0,9}$/.test(text) ? (text as DistributionPointGroupId) : undefined
}

export function parseRunId(text: string): RunId | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? (text as RunId) : undefined
}

function parseKind(text: string, kind: IdentifierKind): string | undefined {
  if (!/^[A-Z0-9]{3}[0-9A-F]{5}$/.test(text)) return undefined
  const number = Number.parseInt(text.slice(3), 16)
  return number >= firstNumber[kind] && number <= lastNumber[kind] ? text : undefined
}
