/** The agent's messages as schemas: what contract/agent.ts describes, with bounds, because a machine is nobody yet. */

import { z } from 'zod'
import {
  capturedImageDescriptionCharactersMax,
  capturedImageNameCharactersMax,
  eventsPerReportMax,
  eventTextCharactersMax,
  hardwareAuthoritiesMax,
  hardwareDisksMax,
  hardwareNetworksMax,
  hardwareIdsMax,
  stateChunksMax,
  stateStorePurposes,
} from '../../contract/agent.ts'
import { parseMediumId } from '../../contract/medium.ts'
import { placedDebugCommands, plainDebugCommands } from '../../sequence/debug.ts'
import { variableNameCharactersMax, variableValueCharactersMax } from '../../sequence/environment.ts'
import { occasions } from '../../site/client-schedule.ts'
import { bootArchitectures } from '../../site/boot-image.ts'
import { deploymentId, label, packageId, readBy, runId, sha256 } from '../api/fields.ts'

const text = z.string().max(255)
const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

/** Strict base64 of exactly so many octets, so that one key has one spelling. */
function octets(length: number) {
  return z.string().refine((value) => {
    const decoded = Buffer.from(value, 'base64')
    return decoded.length === length && decoded.toString('base64') === value
  }, `must be ${length} octets in base64`)
}

const hardware = z.object({
  architecture: z.enum(bootArchitectures),
  firmware: z.enum(['bios', 'uefi']),
  secureBoot: z.boolean(),
  secureBootAuthorities: z.array(text).max(hardwareAuthoritiesMax).exactOptional(),
  macAddresses: z.array(z.string().max(64)).min(1).max(64),
  smbiosGuid: z.string().max(64).exactOptional(),
  serialNumber: text.exactOptional(),
  manufacturer: text.exactOptional(),
  model: text.exactOptional(),
  chassisType: z.number().int().min(1).max(127).exactOptional(),
  operatingSystem: z.object({ name: text, version: text.exactOptional() }).exactOptional(),
  utcOffsetMinutes: z.number().int().min(-1_440).max(1_440).exactOptional(),
  ipv4Networks: z.array(z.string().max(64)).max(hardwareNetworksMax).exactOptional(),
  meteredConnection: z.boolean().exactOptional(),
  memoryBytes: count,
  disks: z
    .array(z.object({ name: text, bytes: count, model: text.exactOptional(), removable: z.boolean() }))
    .max(hardwareDisksMax),
})

export const helloSchema = z.object({
  protocol: z.number().int(),
  identityKey: octets(32),
  sealingKey: octets(32),
  nonce: octets(16),
  hardware,
  startedFrom: z.enum(['boot-image', 'installed-system', 'media']),
  medium: z.object({ mediumId: readBy(parseMediumId, 'the id of a medium'), signature: text }).exactOptional(),
  preferred: z.object({ medium: text.exactOptional(), prestart: text.exactOptional() }).exactOptional(),
  agentVersion: text,
  occasions: z.array(z.enum(occasions)).max(occasions.length).exactOptional(),
})

export const variable = z.object({
  name: z.string().min(1).max(variableNameCharactersMax),
  value: z.string().max(variableValueCharactersMax),
  secret: z.boolean(),
})

export const startRunSchema = z.object({
  deploymentId,
  variables: z.array(variable).max(1_000),
  mediumVariables: z.array(variable).max(1_000).exactOptional(),
  hardwareIds: z.array(text).max(hardwareIdsMax).exactOptional(),
  programsRunFirst: z.array(packageId).max(1_000).exactOptional(),
})

export const resumeSchema = z.object({ hello: helloSchema, runId, resumeTicket: z.string().min(8).max(512) })

export const imageFormat = z.enum(['root-archive', 'wim'])

export const capturedImageSchema = z.object({
  runId,
  name: label(capturedImageNameCharactersMax).min(1),
  description: label(capturedImageDescriptionCharactersMax),
  architecture: z.enum(bootArchitectures),
  format: imageFormat,
  file: z.object({ sha256, bytes: count }),
})

export const stateStoreId = z.string().regex(/^[0-9a-f]{32}$/)

export const requestStateStoreSchema = z.object({ runId, purpose: z.enum(stateStorePurposes) })

export const openStateStoreSchema = z.object({
  runId,
  storeId: stateStoreId,
  purpose: z.enum(stateStorePurposes).exactOptional(),
  sealingKey: octets(32),
})

export const stateCapturedSchema = z.object({
  runId,
  storeId: stateStoreId,
  chunks: z.number().int().positive().max(stateChunksMax),
})

export const releaseStateStoreSchema = z.object({ runId, storeId: stateStoreId })

export const nextCommandSchema = z.object({ runId, after: count })

const path = z.array(z.number().int().nonnegative().max(100_000)).max(200)
const words = z.string().max(eventTextCharactersMax)
const where = z.enum(['boot-image', 'installed-system'])
const stepOutcome = z.enum(['succeeded', 'failed', 'failed-continued'])
const exitCode = z.number().int().min(-2_147_483_648).max(4_294_967_295)

/** Where the debugger holds a run. */
const heldAt = { kind: z.literal('debugger-paused'), path, name: words, number: count }
const debugCommand = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(plainDebugCommands) }),
  z.object({ kind: z.enum(placedDebugCommands), path }),
])

const eventBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sequence-started') }),
  z.object({
    kind: z.literal('group-started'),
    path,
    name: words,
    taskSequence: z.object({ id: packageId, name: words }).exactOptional(),
  }),
  z.object({ kind: z.literal('group-ended'), path, outcome: stepOutcome }),
  z.object({ kind: z.literal('step-started'), path, name: words, type: words, attempt: count }),
  z.object({
    kind: z.literal('step-ended'),
    path,
    name: words.exactOptional(),
    outcome: stepOutcome,
    exitCode,
    message: words,
  }),
  z.object({
    kind: z.literal('node-skipped'),
    path,
    reason: z.enum(['disabled', 'condition-false', 'parent-failed']),
    steps: z.number().int().nonnegative(),
    because: words.exactOptional(),
  }),
  z.object({ kind: z.literal('restarting'), target: where }),
  z.object({ kind: z.literal('resumed'), where, expected: z.boolean() }),
  z.object({ kind: z.literal('debugger-attached'), opens: z.enum(['before-steps', 'on-error']) }),
  z.discriminatedUnion('reason', [
    z.object({ ...heldAt, reason: z.enum(['before-step', 'breakpoint']) }),
    z.object({ ...heldAt, reason: z.literal('error'), exitCode, message: words }),
  ]),
  z.object({
    kind: z.literal('debugger-command'),
    number: count,
    command: debugCommand,
    refused: words.exactOptional(),
  }),
  z.object({
    kind: z.literal('sequence-ended'),
    outcome: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('succeeded') }),
      z.object({ kind: z.literal('failed'), path, exitCode, message: words }),
    ]),
    computerName: words.exactOptional(),
  }),
  z.object({
    kind: z.literal('step-progress'),
    text: words,
    done: z.number().nonnegative(),
    total: z.number().nonnegative().exactOptional(),
    unit: z.enum(['bytes', 'percent', 'items']),
  }),
  z.object({
    kind: z.literal('output'),
    stream: z.enum(['stdout', 'stderr', 'log']),
    lines: z.array(words).max(1_000),
  }),
  z.object({ kind: z.literal('variables-changed'), variables: z.array(variable).max(10_000) }),
])

export const reportSchema = z.object({
  runId,
  events: z
    .array(
      z.object({ sequence: z.number().int().positive().max(Number.MAX_SAFE_INTEGER), atMs: count, body: eventBody }),
    )
    .max(eventsPerReportMax),
})
