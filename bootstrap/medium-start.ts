/**
 * The boot image on a machine that was started from a medium: goes on with a run of this machine, or finds the medium, asks what it
 * has to ask, and starts what the site offers. Altered, expired, foreign or missing, the medium runs nothing, and a page says
 * which (S7-010, S7-019, S7-020).
 */

import { join } from 'node:path'
import type { Hello, PolicyVariable } from '../server/contract/agent.ts'
import type { MediumKind } from '../server/contract/medium.ts'
import type { Variable } from '../server/sequence/environment.ts'
import { errorDialogSeconds } from '../server/sequence/progress-text.ts'
import { pause } from './back-off.ts'
import { type BootImageEnd, machinePages, resumeInBootImage, startInBootImage } from './boot-image-start.ts'
import { findUnfinishedRun, lookOnDisks } from './find-unfinished-run.ts'
import { awaitRemoval } from './medium/await-removal.ts'
import { readBlockDevices } from './medium/block-devices.ts'
import { findMedium, foundInstead, type MediumSearch } from './medium/find-medium.ts'
import type { FromMedium } from './medium/from-medium.ts'
import type { MediumArguments } from './medium/medium-arguments.ts'
import { readMediumMark } from './medium/medium-mark.ts'
import { preferredOf, serversOf } from './medium/medium-settings.ts'
import { claimOf, MountedMedium } from './medium/mounted-medium.ts'
import { startPrestaged } from './medium/prestaged-start.ts'
import { runPrestart } from './medium/run-prestart.ts'
import type { Network } from './network.ts'
import type { RefusalWaits } from './refused-start.ts'
import { PrestagedDiskError } from './prestaged-disk.ts'
import { restartFromBootImage } from './restart.ts'
import { hasSite, loadRun, type SavedRun } from './run-file.ts'
import { type Machine, ramRunFolder } from './run-session.ts'
import type { ServerLocation } from './server-location.ts'
import { resumeStandAlone, startStandAlone } from './stand-alone/stand-alone-start.ts'
import { TargetSystem } from './target-system.ts'
import { askMediumPages, type MediumAnswers } from './wizard/medium-pages.ts'
import { type PageParts, printPage } from './wizard/page.ts'

export interface MediumStart {
  readonly wanted: MediumArguments
  /** Without a server, as nobody has said yet where that is. */
  readonly machine: Machine
  /** 0 waits for ever. */
  readonly chooseSeconds: number
  readonly refusalWaits: RefusalWaits
  readonly network: Network
  /** The machine with its site. */
  readonly connect: (server: ServerLocation, hello: Partial<Hello>, fromMedium?: FromMedium) => Machine
  readonly search?: Partial<MediumSearch>
  readonly pages?: PageParts
}

/** A success or a restart never returns. */
export async function runFromMedium(start: MediumStart): Promise<BootImageEnd> {
  const { machine, wanted } = start
  const pages = start.pages ?? machinePages(machine, start.chooseSeconds)
  machine.console.say(`Reveille agent ${machine.hello.agentVersion}, started from medium ${wanted.mediumId}`)
  const resumed = await resumeFirst(start, pages)
  if (typeof resumed === 'object') return resumed
  const search = {
    wanted,
    mountPoint: join(machine.scratchFolder, 'medium'),
    devices: readBlockDevices,
    nowMs: resumed === 'from-medium' ? undefined : Date.now,
    say: pages.say,
    ...start.search,
  }
  const found = await findMedium({ ...search, volume: 1 })
  if (found.kind === 'refused') return refuse(found.reason, pages)
  if (found.kind === 'not-found') {
    const place = 'on any disc, stick or disk of this machine'
    return refuse(`medium ${wanted.mediumId} is not found ${place}.${foundInstead(found)}`, pages)
  }
  const medium = new MountedMedium(search, found)
  try {
    return await startFrom(medium, start, { pages, goesOn: resumed === 'from-medium' })
  } finally {
    await medium.unmount()
  }
}

/**
 * Before any page: a machine that restarted in the middle of its run comes back here when its firmware prefers the medium. On
 * its way to its installed system it must not stay in the boot image, where the next steps do not belong.
 */
async function resumeFirst(start: MediumStart, pages: PageParts): Promise<BootImageEnd | 'from-medium' | 'anew'> {
  const saved = await findSavedRun(start)
  if (saved === undefined) return 'anew'
  // Whoever brings a medium without a site does not want to wait for one.
  const isOfOthers = hasSite(saved) && saved.medium?.mediumId !== start.wanted.mediumId
  if (isOfOthers && isWithoutSite((await lookForMedium(start))?.manifest.kind)) return 'anew'
  const { state } = saved.run
  if (state.kind === 'restarting' && state.target === 'installed-system') {
    const ended = await awaitRemoval(
      {
        heading: 'This machine goes on in its installed system',
        lines: [`"${saved.run.sequence.name}" is not finished, and this machine started from the medium again.`],
        // Whoever wants to set up a machine anew whose system does not start any more.
        word: { text: 'new', does: 'leave that run and begin anew' },
        device: (await lookForMedium(start))?.device,
      },
      pages,
    )
    return ended === 'word' ? 'anew' : restart()
  }
  // Its content is there and nowhere else.
  if (!hasSite(saved)) return 'from-medium'
  const settings = saved.medium?.network
  const isUp = settings !== undefined && (await start.network.apply(settings))
  if (!isUp) await start.network.connect()
  return (await resumeInBootImage(start.connect(saved.server, {}))) ?? 'anew'
}

/** Of a site, or of this medium: what another one began without a site cannot go on from here. */
async function findSavedRun({ machine, wanted }: MediumStart): Promise<SavedRun | undefined> {
  const { scratchFolder, disks, hello } = machine
  const isOurs = (saved: SavedRun): boolean => hasSite(saved) || saved.medium?.mediumId === wanted.mediumId
  const kept = loadRun(ramRunFolder(scratchFolder))
  if (kept !== undefined && kept.unconfirmed !== true && isOurs(kept)) return kept
  return (await findUnfinishedRun(disks, { machine: hello.hardware, isOurs }, join(scratchFolder, 'look')))?.saved
}

/** Only to know what it is, and to see it go away: good or not. */
async function lookForMedium({ wanted, machine, search }: MediumStart) {
  const mountPoint = join(machine.scratchFolder, 'medium')
  const say = (): void => {}
  const parts = { wanted, mountPoint, devices: readBlockDevices, nowMs: undefined, say, tries: 3, ...search }
  const found = await findMedium({ ...parts, volume: 1 })
  if (found.kind !== 'found') return undefined
  await new MountedMedium(parts, found).unmount()
  return found
}

function isWithoutSite(kind: MediumKind | undefined): boolean {
  return kind === 'stand-alone' || kind === 'capture'
}

interface Pages {
  readonly pages: PageParts
  /** A run of the medium is on the disk. */
  readonly goesOn: boolean
}

async function startFrom(medium: MountedMedium, start: MediumStart, { pages, goesOn }: Pages): Promise<BootImageEnd> {
  const { manifest } = medium
  if (goesOn)
    return (await resumeStandAlone(medium, start.machine, pages)) ?? { kind: 'stays', errorSeconds: undefined }
  if (manifest.unattended) await keepFromRepeating(medium, start, pages)
  for (let known: MediumAnswers['contents'] | undefined; ; ) {
    const asked = await askMediumPages({ ...pages, ...mediumParts(medium, start, pages) }, known)
    if (asked.kind === 'refused') return refuse(asked.reason, pages)
    if (asked.kind === 'nobody') return { kind: 'stays', errorSeconds: undefined }
    known = asked.value.contents
    const ended = await startWith(medium, asked.value, { start, pages })
    if (ended.kind !== 'previous') return ended
  }
}

function mediumParts(medium: MountedMedium, { machine, network }: MediumStart, pages: PageParts) {
  return {
    manifest: medium.manifest,
    network,
    pause,
    open: (password: string | undefined) => medium.open(password),
    keepSecret: (password: string) => void machine.redactor.learn(password),
    runPrestart: (prestart: Parameters<typeof runPrestart>[0], variables: readonly PolicyVariable[]) =>
      runPrestart(prestart, {
        medium,
        variables,
        folder: join(machine.scratchFolder, 'prestart'),
        isInteractive: !medium.manifest.unattended,
        say: pages.say,
      }),
  }
}

async function startWith(
  medium: MountedMedium,
  answers: MediumAnswers,
  { start, pages }: { readonly start: MediumStart; readonly pages: PageParts },
): Promise<BootImageEnd> {
  const { manifest } = medium
  const { contents, given } = answers
  if (isWithoutSite(manifest.kind)) {
    if (contents.policy === undefined) return refuse('it holds no task sequence', pages)
    const ofMedium = { medium, ...answers, ofMachine: [], awaitRemoval: async () => untilRemoved(medium, pages) }
    const machine = { ...start.machine, fromMedium: ofMedium }
    return startStandAlone(medium, machine, { answers: { ...answers, policy: contents.policy }, pages })
  }
  for (const { value, secret } of contents.variables) if (secret) start.machine.redactor.learn(value)
  const variables = { medium: contents.variables, prestart: given }
  const preferred = preferredOf(variables)
  // S6-045, A7-02: required deployments too are started by nobody's choice but that one.
  if (manifest.unattended && preferred === undefined) {
    const reason =
      'it is an unattended one, and neither its variables nor its prestart command set SMSTSPreferredAdvertID'
    return refuse(reason, pages, errorDialogSeconds({ variables: contents.variables }))
  }
  const prestaged = await prepare(medium, start.machine)
  if (typeof prestaged === 'string') return refuse(prestaged, pages)
  const claim = claimOf(manifest, contents, start.machine.hello)
  const machine = start.connect(
    serversOf(manifest, variables),
    {
      startedFrom: 'media',
      ...(claim === undefined ? {} : { medium: claim }),
      ...(preferred === undefined ? {} : { preferred }),
    },
    {
      medium,
      ...answers,
      ofMachine: prestaged,
      awaitRemoval: async () => untilRemoved(medium, pages),
    },
  )
  const { chooseSeconds, refusalWaits } = start
  return startInBootImage({ machine, chooseSeconds, refusalWaits, pages })
}

async function untilRemoved(medium: MountedMedium, pages: PageParts): Promise<void> {
  const { device } = medium
  if (device?.place === 'fixed') return
  await medium.unmount()
  const heading = 'The task sequence has ended'
  await awaitRemoval({ heading, lines: ['This medium would start it again.'], device }, pages)
}

/** A sentence: why it cannot be used. */
async function prepare(medium: MountedMedium, { disks, otherDisks }: Machine): Promise<readonly Variable[] | string> {
  if (medium.manifest.kind !== 'prestaged') return []
  try {
    return await startPrestaged(medium, { fixed: disks, others: otherDisks })
  } catch (error) {
    if (error instanceof PrestagedDiskError) return error.message
    throw error
  }
}

/** A machine with this medium's mark is not set up again by nobody (medium-mark.ts). */
async function keepFromRepeating(medium: MountedMedium, { machine }: MediumStart, pages: PageParts): Promise<void> {
  const { mediumId } = medium.manifest
  const { hardware } = machine.hello
  const [mark] = await lookOnDisks(machine.disks, join(machine.scratchFolder, 'look'), (root) =>
    readMediumMark(root, mediumId, hardware),
  )
  if (mark === undefined) return
  const at = new Date(mark.value.atMs).toISOString().slice(0, 16).replace('T', ' ')
  const ended = await awaitRemoval(
    {
      heading: 'This machine was set up from this medium already',
      lines: [`At ${at} UTC, on ${mark.device}.`, 'An unattended medium does not erase it by itself.'],
      word: { text: 'again', does: 'set it up again' },
      device: medium.device,
    },
    pages,
  )
  if (ended === 'word') return
  await medium.unmount()
  await restart()
}

function refuse(reason: string, { say }: PageParts, errorSeconds?: number): BootImageEnd {
  say(
    printPage({
      heading: 'This medium cannot be used',
      lines: [sentence(reason), '', 'Nothing was started.', advice],
      keys: '',
    }),
  )
  return { kind: 'stays', errorSeconds }
}

const advice = 'Have a new medium made by the site, or ask whoever gave you this one.'

function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${/[.!]$/.test(reason) ? '' : '.'}`
}

async function restart(): Promise<never> {
  return restartFromBootImage(new TargetSystem('/target', () => {}))
}
