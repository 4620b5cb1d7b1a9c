/**
 * What `export.json` holds: task sequences and everything they need, as drafts, without ids of their own making and without
 * secrets (S11-001 to S11-003). Files are named by their hashes; they travel beside the archive.
 */

import { z } from 'zod'
import type { PackageId } from '../../../address/identifiers.ts'
import { referenceNouns, type ReferenceKind } from '../../../sequence/field.ts'
import { contentFilesMax } from '../../../site/content.ts'
import { contentFile, label, packageId } from '../fields.ts'

export const bundleFormat = 'reveille-export'
export const bundleVersion = 1
export const exportCommentCharactersMax = 1_000
/** Ours: all that a large site has. */
const objectsMax = 5_000
const secretsMax = 20_000

const kinds = [
  'operating-system-image',
  'operating-system-upgrade-package',
  'package',
  'driver-package',
  'application',
  'boot-image',
  'task-sequence',
] as const satisfies readonly ReferenceKind[]
export const exchangedKind = z.enum(kinds)

export const bundledFile = contentFile.extend({ executable: z.literal(true).exactOptional() })

export const secretLeftOut = z.strictObject({
  path: z.string().max(1_024),
  stepName: z.string().max(100),
  disabled: z.boolean(),
})

export const exportComment = z
  .string()
  .max(exportCommentCharactersMax)
  .regex(/^(?:[^\p{Cc}]|[\n\r\t])*$/u, 'has control characters')

export const bundleSchema = z.strictObject({
  format: z.literal(bundleFormat),
  version: z.literal(bundleVersion),
  siteCode: label(3),
  comment: exportComment,
  /** The files stand beside the archive, and without them it is not imported (S11-001). */
  content: z.boolean(),
  objects: z
    .array(
      z.strictObject({
        kind: exchangedKind,
        id: packageId,
        draft: z.looseObject({}),
        files: z.array(bundledFile).max(contentFilesMax),
        typeAgain: z.array(secretLeftOut).max(secretsMax),
      }),
    )
    .min(1)
    .max(objectsMax),
  /** What is referred to and stays behind, because dependencies were not wanted. */
  others: z.array(z.strictObject({ kind: exchangedKind, id: packageId, name: label(255).min(1) })).max(objectsMax),
})

export type Bundle = z.output<typeof bundleSchema>
export type BundledObject = Bundle['objects'][number]

export function keyOf({ kind, id }: { readonly kind: ReferenceKind; readonly id: PackageId }): string {
  return `${kind}:${id}`
}

export function describe({ kind, id }: { readonly kind: ReferenceKind; readonly id: PackageId }): string {
  return `${referenceNouns[kind]} ${id}`
}
