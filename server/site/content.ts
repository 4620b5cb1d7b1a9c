/** Content of the library: named files, each known by its SHA-256; a version never changes once made. */

import type { PackageId } from '../address/identifiers.ts'

/** 64 hexadecimal digits, lower case. */
export type Sha256 = string & { readonly __brand: 'Sha256' }

export interface ContentFile {
  /** A relative name with forward slashes, unique within the version; a key, never a path. */
  readonly name: string
  readonly sha256: Sha256
  readonly bytes: number
  /** Whoever unpacks it on Linux sets its mode so; absent: it is no program. */
  readonly executable?: true
}

/** Files of one version; the policy of a run names each of them. */
export const contentFilesMax = 10_000

export interface ContentVersion {
  readonly contentId: PackageId
  /** Counts from 1. */
  readonly version: number
  readonly files: readonly ContentFile[]
}

export function parseSha256(text: string): Sha256 | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? (text as Sha256) : undefined
}

/** Names that are safe as keys and as file names on any system; one segment is at most 255 characters. */
export function isContentName(text: string): boolean {
  if (text.length === 0 || text.length > 1_024) return false
  return text.split('/').every((segment) => /^[A-Za-z0-9._+@ -]{1,255}$/.test(segment) && !/^\.{1,2}$/.test(segment))
}
