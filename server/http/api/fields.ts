/** Fields that several resources share, as schemas: identifiers, addresses, variables, pages of a list. */

import { z } from 'zod'
import {
  parseCollectionId,
  parseDeploymentId,
  parseDeploymentTemplateId,
  parseDeviceId,
  parseDistributionPointGroupId,
  parseDistributionPointId,
  parsePackageId,
  parseRunId,
  parseTaskSequenceFolderId,
} from '../../address/identifiers.ts'
import { parseIpv4Subnet } from '../../address/ipv4-address.ts'
import { parseMacAddress } from '../../address/mac-address.ts'
import { parseSmbiosGuid } from '../../address/smbios-guid.ts'
import { variableNameCharactersMax, variableValueCharactersMax } from '../../sequence/environment.ts'
import { isContentName, parseSha256 } from '../../site/content.ts'

/** Text that one of our own parsers reads; the document shows it as a string. */
export function readBy<T>(parse: (text: string) => T | undefined, description: string): z.ZodType<T, string> {
  return z
    .string()
    .max(1_024)
    .transform((text, context): T => {
      const value = parse(text)
      if (value !== undefined) return value
      context.addIssue({ code: 'custom', message: `is not ${description}` })
      return z.NEVER
    })
    .meta({ description })
}

export const deviceId = readBy(parseDeviceId, 'the id of a device, such as 1')
export const collectionId = readBy(parseCollectionId, 'the id of a collection, such as RVL10001')
export const packageId = readBy(parsePackageId, 'the id of a package, such as RVL00001')
export const deploymentId = readBy(parseDeploymentId, 'the id of a deployment, such as RVL20001')
export const deploymentTemplateId = readBy(parseDeploymentTemplateId, 'the id of a template, such as 1')
export const distributionPointId = readBy(parseDistributionPointId, 'the id of a distribution point, such as 1')
export const distributionPointGroupId = readBy(parseDistributionPointGroupId, 'the id of a group, such as 1')
export const ipv4Subnet = readBy(parseIpv4Subnet, 'a network, such as 192.168.7.0/24')
export const baseUrl = readBy(
  parseBaseUrl,
  'an address such as http://192.0.2.7:8080, without name, password and query',
)
export const runId = readBy(parseRunId, 'the id of a run, 32 hexadecimal digits')
export const taskSequenceFolderId = readBy(parseTaskSequenceFolderId, 'the id of a folder, such as 16777217')
export const macAddress = readBy(parseMacAddress, 'a MAC address, such as 52:54:00:12:34:56')
export const smbiosGuid = readBy(parseSmbiosGuid, 'an SMBIOS GUID, such as 4C4C4544-0043-4810-8054-B4C04F4A3332')
export const sha256 = readBy(parseSha256, 'a SHA-256, 64 hexadecimal digits in lower case')
export const contentName = readBy(
  (text) => (isContentName(text) ? text : undefined),
  'the name of a file: letters, digits, . _ + @ - and spaces, segments joined by /',
)

function parseBaseUrl(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined
  return url.search === '' && url.hash === '' ? `${url.origin}${url.pathname.replace(/\/+$/, '')}` : undefined
}

export function label(charactersMax: number) {
  return z
    .string()
    .max(charactersMax)
    .regex(/^[^\p{Cc}]*$/u, 'has control characters')
}

export const siteVariable = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(variableNameCharactersMax)
      .regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'a name has letters, digits, _ and -, and begins with a letter or _'),
    value: z.string().max(variableValueCharactersMax),
    secret: z.boolean().default(false),
  })
  .meta({ id: 'SiteVariable', outputId: 'SiteVariableView' })

export function siteVariables(max: number) {
  return z
    .array(siteVariable)
    .max(max)
    .superRefine((variables, context) => {
      const seen = new Set<string>()
      for (const [index, { name }] of variables.entries()) {
        const key = name.toLowerCase()
        if (seen.has(key)) context.addIssue({ code: 'custom', path: [index, 'name'], message: `${name} is set twice` })
        seen.add(key)
      }
    })
    .default([])
}

export const siteVariableView = z.object({ name: z.string(), value: z.string(), secret: z.boolean() })

export const contentFile = z.strictObject({
  name: contentName,
  sha256,
  bytes: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
})

export const contentView = z
  .object({
    contentId: z.string(),
    version: z.number().int(),
    files: z.array(
      z.object({ name: z.string(), sha256: z.string(), bytes: z.number(), executable: z.boolean().optional() }),
    ),
  })
  .meta({ id: 'ContentVersion' })

/** What was found out about a version's files before it was made. */
export const addedContentView = contentView
  .extend({
    inspection: z
      .object({
        file: z.string(),
        /** Absent: what kept it from being looked into. */
        facts: z
          .object({
            compression: z.string(),
            operatingSystem: z.string().optional(),
            architecture: z.string().optional(),
            kernel: z.boolean(),
            entries: z.number().int(),
            unpackedBytes: z.number().int(),
          })
          .optional(),
        /** Of a WIM. */
        wim: z
          .object({
            pipable: z.boolean(),
            images: z.array(
              z.object({
                index: z.number().int(),
                name: z.string(),
                description: z.string().optional(),
                bytes: z.number().int().optional(),
                architecture: z.string().optional(),
                edition: z.string().optional(),
              }),
            ),
          })
          .optional(),
        warnings: z.array(z.string()),
      })
      .optional(),
  })
  .meta({ id: 'AddedContentVersion' })

export const listMax = 1_000

export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(listMax).default(100),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
})

export function listView<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), total: z.number().int() })
}

export function pageOf<T>(
  all: readonly T[],
  query: z.output<typeof listQuery>,
): { items: readonly T[]; total: number } {
  return { items: all.slice(query.offset, query.offset + query.limit), total: all.length }
}
