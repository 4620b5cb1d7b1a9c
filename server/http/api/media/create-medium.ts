/**
 * Makes a medium: what its kind says of it, then what all have in common. Faults are told all at once; nothing is kept of a
 * medium that cannot be made. The values of secret variables, the private key and the password are in `Variables.dat`, or
 * nowhere.
 */

import { type KeyObject, randomBytes } from 'node:crypto'
import { assert } from '../../../assert.ts'
import { type MediumId, parseMediumId, type SealedContents } from '../../../contract/medium.ts'
import { holdsSecret } from '../../../site/site-variable.ts'
import { currentActor } from '../../../store/actor.ts'
import type { Medium } from '../../../store/media-port.ts'
import { planMedium } from '../../../../media/medium/plan-medium.ts'
import { sealVariables } from '../../../../media/signed/sealed-variables.ts'
import { makeSigningKey, rawPublicKey, readSigningKey } from '../../../../media/signed/site-key.ts'
import type { HttpDependencies } from '../../dependencies.ts'
import { boundTo, specOf } from '../../medium-images.ts'
import { type Fault, Problem } from '../../problem.ts'
import { makeParts, type MediumDraft } from './medium-makers.ts'
import type { MediumMaking, MediumParts } from './medium-maker.ts'
import { type ChosenPassword, choosePassword } from './medium-password.ts'

export interface CreatedMedium {
  readonly medium: Medium
  /** The one that was generated. */
  readonly password?: string
  /** What may fail where it is used. */
  readonly warnings: readonly string[]
}

export async function createMedium(
  dependencies: HttpDependencies,
  draft: MediumDraft,
  siteUrls: readonly string[],
): Promise<CreatedMedium> {
  const nowMs = dependencies.now()
  const made = await makeParts({ dependencies, nowMs, siteUrls }, draft)
  const chosen = choosePassword(draft)
  const parts = made.kind === 'made' ? made.parts : undefined
  const faults = [
    ...(made.kind === 'faults' ? made.faults : []),
    ...('kind' in chosen ? faultsOfOpen(draft, chosen) : [chosen]),
    ...faultsOfDates(draft, parts, nowMs),
  ]
  if (faults.length > 0 || parts === undefined || !('kind' in chosen)) throw new Problem(422, { faults })
  const { password, isGenerated } = chosen
  const medium = await keepMedium(dependencies, { draft, parts, password, nowMs })
  const { warnings = [] } = parts
  return { medium, warnings, ...(isGenerated && password !== undefined ? { password } : {}) }
}

/** Nobody would keep it: what is not sealed, whoever has the medium reads. */
function faultsOfOpen({ variables }: MediumDraft, { password }: ChosenPassword): readonly Fault[] {
  if (password !== undefined) return []
  return variables.flatMap((variable, index) =>
    holdsSecret(variable)
      ? [
          {
            path: `variables[${index}]`,
            message: `${variable.name} is secret: give the medium a password, or leave it out`,
          },
        ]
      : [],
  )
}

/** S7-019. */
function faultsOfDates(
  { startsAtMs }: MediumDraft,
  parts: MediumParts | undefined,
  nowMs: MediumMaking['nowMs'],
): readonly Fault[] {
  const expiresAtMs = parts?.expiresAtMs
  if (expiresAtMs === undefined) return []
  if (expiresAtMs <= nowMs) return [{ path: 'expiresAtMs', message: 'is over already' }]
  if (startsAtMs === undefined || expiresAtMs > startsAtMs) return []
  return [{ path: 'expiresAtMs', message: 'is not after startsAtMs: it could never be used' }]
}

interface Making {
  readonly draft: MediumDraft
  readonly parts: MediumParts
  readonly password: string | undefined
  readonly nowMs: number
}

async function keepMedium(dependencies: HttpDependencies, making: Making): Promise<Medium> {
  const { store, site, mediaKey } = dependencies
  const { draft, parts, password } = making
  const privateKey = parts.asksSite ? makeSigningKey() : undefined
  const record = recordOf(making, mediaKey, privateKey)
  const planned = planMedium(specOf(record, site))
  if (planned.kind === 'refused') {
    const path = 'bootImageId'
    throw new Problem(422, { faults: planned.faults.map((message) => ({ path, message })) })
  }
  const contents: SealedContents = {
    variables: parts.variables,
    ...(privateKey === undefined ? {} : { mediumKey: privateKey }),
    ...(draft.prestart === undefined ? {} : { prestart: sealedPrestart(draft.prestart) }),
    ...(parts.policy === undefined ? {} : { policy: parts.policy }),
  }
  const { files = [] } = planned.volumes[0] ?? {}
  const sealed = { mediumId: record.id, files, ...(password === undefined ? {} : { password }) }
  const variables = await oneAtATime(() => sealVariables(contents, sealed))
  const medium: Medium = { ...record, boundTo: boundTo(planned) }
  await store.addMedium(medium, variables)
  return medium
}

function recordOf(
  { draft, parts, password, nowMs }: Making,
  mediaKey: KeyObject,
  privateKey: string | undefined,
): Omit<Medium, 'boundTo'> {
  const id = createMediumId()
  const { bootImage, contents, unattended, serverSelection, servers, deploymentId, deployments, expiresAtMs } = parts
  const { content, architecture, kernelArguments } = bootImage
  const by = currentActor()?.name
  const siteKey = rawPublicKey(mediaKey)
  return {
    id,
    kind: draft.kind,
    label: draft.label,
    description: draft.description,
    createdAtMs: nowMs,
    ...(by === undefined ? {} : { createdBy: by }),
    ...(draft.startsAtMs === undefined ? {} : { startsAtMs: draft.startsAtMs }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    bootImage: { id: bootImage.id, version: content.version, architecture, files: content.files },
    kernelArguments,
    contents,
    unattended,
    passwordRequired: password !== undefined,
    serverSelection,
    servers,
    variables: parts.variables.map((variable) => (variable.secret ? { ...variable, value: '' } : variable)),
    ...(deploymentId === undefined ? {} : { deploymentId }),
    ...(deployments === undefined ? {} : { deployments }),
    unknownComputers: parts.unknownComputers,
    userDeviceAffinity: parts.userDeviceAffinity,
    sizeLimit: draft.sizeLimit,
    ...(privateKey === undefined ? {} : { mediumKey: rawPublicKey(readSigningKey(privateKey)) }),
    siteKey,
    ...(draft.prestart === undefined ? {} : { prestart: draft.prestart }),
  }
}

function sealedPrestart({ commandLine, packageId }: NonNullable<Medium['prestart']>) {
  return { commandLine, ...(packageId === undefined ? {} : { contentId: packageId }) }
}

function createMediumId(): MediumId {
  const id = parseMediumId(randomBytes(16).toString('hex'))
  assert(id !== undefined, '16 octets make the id of a medium')
  return id
}

let last: Promise<unknown> = Promise.resolve()

/** Each takes 128 MiB while it is sealed. */
async function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work)
  last = done.catch(() => {})
  return done
}
