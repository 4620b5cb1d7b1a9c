/**
 * A stand-alone or capture medium, once it is verified and its variables are open (S7-027, S7-038): goes on with its run on this
 * machine, or asks for empty variables, looks whether its content is there, has confirmed what will be erased, and runs its
 * sequence. What a server answers in start-chosen.ts is on the medium here. Unattended, nobody is asked (S7-010).
 */

import { pause } from '../back-off.ts'
import { type BootImageEnd, perform, resumeInBootImage, sessionFor, type Whose } from '../boot-image-start.ts'
import { whatIsErased } from '../erased-disks.ts'
import type { MissingContent } from '../find-missing-content.ts'
import type { MountedMedium } from '../medium/mounted-medium.ts'
import type { Machine, RunSession } from '../run-session.ts'
import { askConfirmation } from '../wizard/confirm-page.ts'
import { checkDependencies } from '../wizard/dependency-page.ts'
import type { PageParts } from '../wizard/page.ts'
import { askForVariables } from '../wizard/variables-page.ts'
import { contentOf, type RunMedium } from './content-medium.ts'
import { mediumHome } from './medium-home.ts'
import { type MediumAnswers, runOfMedium } from './run-of-medium.ts'

/** Undefined: the run is gone. */
export async function resumeStandAlone(
  medium: MountedMedium,
  machine: Machine,
  pages: PageParts,
): Promise<BootImageEnd | undefined> {
  return resumeInBootImage(machine, ofMedium(runMedium(medium, pages)))
}

export interface StandAloneStart {
  readonly answers: MediumAnswers
  readonly pages: PageParts
}

export async function startStandAlone(
  medium: MountedMedium,
  machine: Machine,
  { answers, pages }: StandAloneStart,
): Promise<BootImageEnd> {
  const isAttended = !medium.manifest.unattended
  const empty = answers.contents.variables.filter(({ value }) => value === '')
  const typed = isAttended ? await askForVariables(empty, pages) : ({ kind: 'next', value: [] } as const)
  if (typed.kind === 'previous') return typed
  if (typed.kind === 'nobody') return nobody
  const { manifest, launchMode } = medium
  const variables = [...answers.contents.variables, ...answers.given, ...typed.value]
  const { policy } = answers
  const keeper = await runOfMedium(machine, { manifest, launchMode, policy, variables, unconfirmed: isAttended })
  const session = sessionFor(machine, keeper, ofMedium(runMedium(medium, pages)))
  const ended = await checkFirst(session, machine, { medium, pages, isAttended })
  return ended ?? perform(session, machine)
}

const nobody = { kind: 'stays', errorSeconds: undefined } as const

interface Check {
  readonly medium: MountedMedium
  readonly pages: PageParts
  readonly isAttended: boolean
}

/** Undefined: it may run. */
async function checkFirst(
  { keeper }: RunSession,
  machine: Machine,
  { medium, pages, isAttended }: Check,
): Promise<BootImageEnd | undefined> {
  const { content, run } = keeper.saved
  const search = async (): Promise<readonly MissingContent[]> => missingContent(content, medium)
  const found = await checkDependencies({ ...pages, search, pause, isAttended })
  if (found.kind !== 'found') return found.kind === 'previous' ? found : nobody
  if (!isAttended) return undefined
  const erased = await whatIsErased(run, machine.disks)
  const confirmed = await askConfirmation(run.sequence.name, erased, pages)
  if (confirmed.kind === 'next') {
    keeper.confirm()
    return undefined
  }
  return confirmed.kind === 'previous' ? confirmed : nobody
}

/** On this volume; what is on others of the set is looked for when they are in the drive. */
async function missingContent(
  contents: RunSession['keeper']['saved']['content'],
  medium: MountedMedium,
): Promise<readonly MissingContent[]> {
  const here = { manifest: medium.manifest, reader: medium.reader, requireVolume: async () => true }
  const source = contentOf({ ...here, volumeOf: (sha256) => medium.volumeOf(sha256) })
  const missing: MissingContent[] = []
  for (const content of contents) {
    for (const file of content.files) {
      if (medium.volumeOf(file.sha256) !== medium.manifest.volume.number) continue
      const octets = await source.open(file)
      const iterator = octets?.[Symbol.asyncIterator]()
      await iterator?.return?.()
      if (octets !== undefined) continue
      missing.push({ content, reason: `${file.name} is not on this medium`, isCertain: true })
      break
    }
  }
  return missing
}

function ofMedium(medium: RunMedium): Whose {
  const { mediumId } = medium.manifest
  return {
    isOurs: (saved) => saved.deploymentId === undefined && saved.medium?.mediumId === mediumId,
    home: ({ console }) => mediumHome(medium, console),
  }
}

function runMedium(medium: MountedMedium, { say, readLine }: PageParts): RunMedium {
  return {
    manifest: medium.manifest,
    get reader() {
      return medium.reader
    },
    volumeOf: (sha256) => medium.volumeOf(sha256),
    requireVolume: async (number) => medium.requireVolume(number, { say, readLine }),
  }
}
