/** Media of a test's site: made through the API, read through it, and the machine that was started from one. */

import { z } from 'zod'
import type { Hello } from '../../server/contract/agent.ts'
import { mediumClaimText, type MediumId, mediumFiles, parseMediumId } from '../../server/contract/medium.ts'
import { assert } from '../../server/assert.ts'
import { bootImageFiles } from '../../server/site/boot-image.ts'
import { planMedium } from '../../media/medium/lay-out-medium.ts'
import { specOf } from '../../server/http/medium-images.ts'
import { openVariables } from '../../media/signed/sealed-variables.ts'
import { readSigningKey, signText } from '../../media/signed/site-key.ts'
import type { SealedContents } from '../../server/contract/medium.ts'
import { addContent, type Answer, TestAgent, type TestSite } from './test-site.ts'

export const password = 'correct horse battery'

/** What a boot image has, as far as media go. */
export const bootFiles: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  Object.values(bootImageFiles).map((name) => [name, Buffer.alloc(100_000, name)]),
)

export interface DeployedForMedia {
  readonly bootImageId: string
  readonly deploymentId: string
  readonly sequenceId: string
}

/** A boot image with all its files, and a sequence that is deployed to All Systems or to another collection. */
export async function deployForMedia(site: TestSite, deployment: object = {}): Promise<DeployedForMedia> {
  const boot = await site.api('POST', '/boot-images', { name: `Boot ${site.clock.nowMs}`, architecture: 'x64' })
  const bootImageId = String(boot.json['id'])
  await addContent(site, `/boot-images/${bootImageId}`, bootFiles)
  const step = { name: 'Set', action: { type: 'set-task-sequence-variable', variable: 'A', value: 'b' } }
  const sequence = { name: 'Install', children: [step] }
  const made = await site.api('POST', '/task-sequences', { bootImageId, sequence })
  const sequenceId = String(made.json['id'])
  return { bootImageId, sequenceId, deploymentId: await deploy(site, sequenceId, deployment) }
}

export async function deploy(site: TestSite, taskSequenceId: string, deployment: object = {}): Promise<string> {
  const deployed = await site.api('POST', '/deployments', {
    taskSequenceId,
    collectionId: 'RVL10001',
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe-hidden',
    ...deployment,
  })
  assert(deployed.status === 201, deployed.body.toString())
  return String(deployed.json['id'])
}

export async function makeMedium(site: TestSite, fields: object): Promise<Answer & { readonly id: MediumId }> {
  const answer = await site.api('POST', '/media', { kind: 'bootable', ...fields })
  assert(answer.status === 201, answer.body.toString())
  const id = parseMediumId(String(answer.json['id']))
  assert(id !== undefined, 'a medium has an id')
  return { ...answer, id }
}

const faultsOf = z.object({ faults: z.array(z.object({ path: z.string(), message: z.string() })) })

/** Paths and messages of what was refused, one a line. */
export function faultTexts(answer: Answer): string {
  return faultsOf
    .parse(answer.json)
    .faults.map(({ path, message }) => `${path}: ${message}`)
    .join('\n')
}

/** As the agent opens it. */
export async function openMedium(site: TestSite, id: MediumId, given?: string): Promise<SealedContents> {
  const medium = await site.store.medium(id)
  const octets = await site.store.mediumVariables(id)
  assert(medium !== undefined && octets !== undefined, 'it was made')
  const planned = planMedium(specOf(medium, site.dependencies.site))
  assert(!('faults' in planned), 'it can be planned')
  const files = planned.volumes[0]?.files ?? []
  const opened = await openVariables(octets, {
    mediumId: id,
    files: files.filter(({ path }) => path !== mediumFiles.variables),
    ...(given === undefined ? {} : { password: given }),
  })
  assert(opened.kind === 'opened', opened.kind)
  return opened.contents
}

/** What this agent says when it was started from the medium. */
export function claimOf(id: MediumId, mediumKey: string | undefined, { identityKey, nonce }: Hello): Hello['medium'] {
  assert(mediumKey !== undefined, 'the medium has a key')
  const signature = signText(mediumClaimText(id, identityKey, nonce), readSigningKey(mediumKey))
  return { mediumId: id, signature }
}

export interface FromMedium {
  readonly id: MediumId
  readonly contents: SealedContents
}

/** Hello of a machine that was started from the medium, with what its variables prefer. */
export function helloFromMedium(agent: TestAgent, { id, contents }: FromMedium, changes: Partial<Hello> = {}): Hello {
  const preferred = contents.variables.find(({ name }) => name === 'SMSTSPreferredAdvertID')?.value
  const { mediumKey } = contents
  const medium = claimOf(id, mediumKey, agent.hello)
  return {
    ...agent.hello,
    startedFrom: 'media',
    ...(medium === undefined ? {} : { medium }),
    ...(preferred === undefined ? {} : { preferred: { medium: preferred } }),
    ...changes,
  }
}

export async function sayHelloFrom(
  site: TestSite,
  agent: TestAgent,
  medium: FromMedium,
  changes: Partial<Hello> = {},
): Promise<Answer> {
  return agent.say(site, '/agent/v1/hello', helloFromMedium(agent, medium, changes))
}
