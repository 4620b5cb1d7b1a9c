/** Fields of media as schemas: what every kind may say when it is made, and how a medium is shown. */

import { z } from 'zod'
import { mediumKinds, parseMediumId } from '../../../contract/medium.ts'
import {
  defaultMediumLabel,
  mediumAffinities,
  mediumDescriptionCharactersMax,
  mediumLabelCharactersMax,
  mediumPasswordCharactersMax,
  mediumSizeNames,
  mediumVariablesMax,
  prestartCommandCharactersMax,
} from '../../../site/medium.ts'
import { whyNotNow } from '../../../../media/signed/verify-medium.ts'
import type { Medium, MediumUse } from '../../../store/media-port.ts'
import { type MediumImages, mediumFormats, type VolumeImages } from '../../medium-images.ts'
import { isPublished } from '../../published-media.ts'
import { label, packageId, readBy, siteVariables, siteVariableView } from '../fields.ts'
import { maskSecrets } from '../secret-values.ts'

export const mediumId = readBy(parseMediumId, 'the id of a medium, 32 hexadecimal digits')
const instant = z.number().int().nonnegative().max(8_640_000_000_000_000)

export const commonMediumFields = {
  label: label(mediumLabelCharactersMax)
    .min(1)
    .default(defaultMediumLabel)
    .meta({ description: 'Of a stick the first 11 characters are the name of its volume' }),
  description: label(mediumDescriptionCharactersMax).default(''),
  password: z
    .string()
    .max(mediumPasswordCharactersMax)
    .nullable()
    .exactOptional()
    .meta({ description: 'At least 12 characters; null: none. One of this and generatePassword is needed' }),
  generatePassword: z.literal(true).exactOptional().meta({ description: 'The answer holds the password, this once' }),
  variables: siteVariables(mediumVariablesMax),
  prestart: z
    .strictObject({
      commandLine: label(prestartCommandCharactersMax).min(1),
      packageId: packageId.exactOptional().meta({ description: 'Files that go onto the medium for the command' }),
    })
    .exactOptional(),
  startsAtMs: instant.exactOptional(),
  sizeLimit: z.enum(mediumSizeNames).default('unlimited').meta({ description: 'Of one image of a disc' }),
} as const

const commonFields = z.strictObject(commonMediumFields)
export type CommonMediumFields = z.output<typeof commonFields>

export const instantField = instant

const imageView = z.object({
  format: z.enum(mediumFormats),
  bytes: z.number().optional(),
  faults: z.array(z.string()).optional().meta({ description: 'Why there is none' }),
})

export const mediumView = z
  .object({
    id: z.string(),
    kind: z.enum(mediumKinds),
    label: z.string(),
    description: z.string(),
    state: z.enum(['usable', 'not-yet', 'expired', 'revoked']),
    createdAtMs: z.number(),
    createdBy: z.string().optional(),
    startsAtMs: z.number().optional(),
    expiresAtMs: z.number().optional(),
    revoked: z.object({ atMs: z.number(), by: z.string().optional() }).optional(),
    publishedUntilMs: z.number().optional(),
    bootImage: z.object({ id: z.string(), version: z.number(), architecture: z.string() }),
    contents: z.array(z.object({ id: z.string(), name: z.string(), version: z.number(), kind: z.string() })),
    unattended: z.boolean(),
    passwordRequired: z.boolean(),
    serverSelection: z.enum(['dynamic', 'site-based']),
    servers: z.array(z.string()),
    variables: z.array(siteVariableView),
    deploymentId: z.string().optional(),
    deployments: z.array(z.string()).optional(),
    unknownComputers: z.boolean(),
    userDeviceAffinity: z.enum(mediumAffinities),
    sizeLimit: z.enum(mediumSizeNames),
    prestart: z.object({ commandLine: z.string(), packageId: z.string().optional() }).optional(),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Medium' })

export const wholeMediumView = mediumView
  .extend({
    volumes: z.array(z.object({ number: z.number(), images: z.array(imageView) })),
    faults: z.array(z.string()).meta({ description: 'Why no image of it can be made' }),
    uses: z.array(
      z.object({
        machineName: z.string(),
        lane: z.string(),
        deviceId: z.string().optional(),
        ipAddress: z.string(),
        firstAtMs: z.number(),
        lastAtMs: z.number(),
        starts: z.number(),
      }),
    ),
  })
  .meta({ id: 'WholeMedium' })

export const createdMediumView = wholeMediumView
  .extend({ password: z.string().optional().meta({ description: 'The one that was generated; it is not kept' }) })
  .meta({ id: 'CreatedMedium' })

export function showMedium(medium: Medium, nowMs: number): z.output<typeof mediumView> {
  const { siteKey: _siteKey, mediumKey: _mediumKey, boundTo: _boundTo, kernelArguments: _arguments, ...shown } = medium
  const { publishedUntilMs, bootImage, contents, deployments, variables, servers, prestart, ...plain } = shown
  return {
    ...plain,
    state: stateOf(medium, nowMs),
    ...(isPublished(medium, nowMs) && publishedUntilMs !== undefined ? { publishedUntilMs } : {}),
    bootImage: { id: bootImage.id, version: bootImage.version, architecture: bootImage.architecture },
    contents: contents.map(({ id, name, version, kind }) => ({ id, name, version, kind })),
    ...(deployments === undefined ? {} : { deployments: [...deployments] }),
    variables: [...maskSecrets(variables)],
    servers: [...servers],
    ...(prestart === undefined ? {} : { prestart: { ...prestart } }),
    warnings: warningsOf(medium),
  }
}

export async function showWholeMedium(
  medium: Medium,
  { images, uses, nowMs }: { images: MediumImages; uses: readonly MediumUse[]; nowMs: number },
): Promise<z.output<typeof wholeMediumView>> {
  const { volumes, faults } = await images.describe(medium)
  return {
    ...showMedium(medium, nowMs),
    volumes: volumes.map(showVolume),
    faults: [...faults],
    uses: uses.map(showUse),
  }
}

function showVolume({ number, images }: VolumeImages): z.output<typeof wholeMediumView>['volumes'][number] {
  return {
    number,
    images: images.map(({ faults, ...image }) => ({ ...image, ...(faults && { faults: [...faults] }) })),
  }
}

function showUse(use: MediumUse): z.output<typeof wholeMediumView>['uses'][number] {
  const { mediumId: _, ...shown } = use
  return shown
}

function stateOf(medium: Medium, nowMs: number): z.output<typeof mediumView>['state'] {
  if (medium.revoked !== undefined) return 'revoked'
  if (whyNotNow(medium, nowMs) === undefined) return 'usable'
  return medium.startsAtMs !== undefined && nowMs < medium.startsAtMs ? 'not-yet' : 'expired'
}

/** Security 6.5. */
function warningsOf({ passwordRequired, mediumKey, variables }: Medium): string[] {
  if (passwordRequired) return []
  const asks = mediumKey === undefined ? [] : ['It has no password: anyone who holds this medium may ask to deploy.']
  const shows = variables.length === 0 ? [] : ['It has no password: anyone who holds this medium reads its variables.']
  return [...asks, ...shows]
}
