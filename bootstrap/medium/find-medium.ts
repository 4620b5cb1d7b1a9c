/**
 * Looks for the medium that this machine was started from, on every device that may hold one, for a while: sticks appear late.
 * Each candidate is mounted read-only and asked for its manifest; the one that the site has signed, that is the one that
 * started, and that may be used today stays mounted. One that claims to be it and is not right ends the search at once: the
 * person is told what is wrong with it, and nothing of it is used (S7-019, S7-020).
 */

import { mkdirSync } from 'node:fs'
import { mediumFiles, type MediumManifest, parseMediumManifest } from '../../server/contract/medium.ts'
import { verifyManifest } from '../../media/signed/verify-medium.ts'
import { pause } from '../back-off.ts'
import { runCommand } from '../command.ts'
import { type BlockDevice, fileSystemOn, type MediumFileSystem, mediumFileSystems } from './block-devices.ts'
import { folderReader } from '../../media/signed/folder-reader.ts'
import type { MediumArguments } from './medium-arguments.ts'

export interface MediumSearch {
  readonly wanted: MediumArguments
  /** Which one of a set. */
  readonly volume: number
  readonly mountPoint: string
  readonly devices: () => Promise<readonly BlockDevice[]>
  /** Undefined: what it is for began while it was good, and goes on (S7-020). */
  readonly nowMs: (() => number) | undefined
  readonly say: (text: string) => void
  /** How often it looks, and the pause between; the first volume is waited for as long as a slow stick takes. */
  readonly tries?: number
  readonly pauseMs?: number
  readonly fileSystems?: readonly MediumFileSystem[]
}

export interface FoundMedium {
  readonly kind: 'found'
  readonly device: BlockDevice
  readonly manifest: MediumManifest
}

export type MediumSearchEnd =
  | FoundMedium
  /** It is there, and must not be used. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** `others`: what was found instead. */
  | { readonly kind: 'not-found'; readonly others: readonly string[] }

type Looked = FoundMedium | { readonly kind: 'refused' | 'other'; readonly reason: string } | undefined

/** A minute in all. */
const triesDefault = 30
const pauseMsDefault = 2_000

export async function findMedium(search: MediumSearch): Promise<MediumSearchEnd> {
  const { tries = triesDefault, pauseMs = pauseMsDefault, wanted, volume, say } = search
  mkdirSync(search.mountPoint, { recursive: true })
  const others = new Set<string>()
  for (let tried = 1; tried <= tries; tried += 1) {
    if (tried === 2) say(`Waiting for medium ${wanted.mediumId}, volume ${volume}, on a disc, stick or disk...`)
    let refused: string | undefined
    for (const device of await search.devices()) {
      const looked = await lookAt(device, search)
      if (looked?.kind === 'found') return looked
      if (looked?.kind === 'refused') refused ??= looked.reason
      if (looked?.kind === 'other') others.add(looked.reason)
    }
    if (refused !== undefined) return { kind: 'refused', reason: refused }
    if (tried < tries) await pause(pauseMs)
  }
  return { kind: 'not-found', others: [...others] }
}

/** A sentence about what is there in place of what is wanted; empty when that is nothing. */
export function foundInstead({ others }: Pick<Extract<MediumSearchEnd, { kind: 'not-found' }>, 'others'>): string {
  return others.length === 0 ? '' : ` Found instead: ${others.join('; ')}.`
}

/** Found, it stays mounted. */
async function lookAt(device: BlockDevice, search: MediumSearch): Promise<Looked> {
  const { mountPoint, fileSystems = mediumFileSystems } = search
  const fileSystem = await fileSystemOn(device.device, fileSystems)
  if (fileSystem === undefined) return undefined
  const words = ['-t', fileSystem, '-o', 'ro,nosuid,nodev,noexec', device.device, mountPoint]
  // What cannot be mounted is no medium of ours, or is in use as something else.
  if ((await runCommand({ program: 'mount', arguments: words })).exitCode !== 0) return undefined
  const looked = await judge(device, search).catch(
    (error: unknown): Looked => ({ kind: 'other', reason: `${device.device} cannot be read: ${String(error)}` }),
  )
  if (looked?.kind !== 'found') await runCommand({ program: 'umount', arguments: [mountPoint] })
  return looked
}

async function judge(device: BlockDevice, { wanted, volume, mountPoint, nowMs }: MediumSearch): Promise<Looked> {
  const reader = folderReader(mountPoint)
  const claimed = await claimedManifest(mountPoint)
  if (claimed === undefined) return undefined
  if (claimed !== 'unreadable' && claimed.mediumId !== wanted.mediumId) {
    return { kind: 'other', reason: `${device.device} has medium ${claimed.mediumId}` }
  }
  const { siteKey, mediumId } = wanted
  const verified = await verifyManifest(reader, { siteKey, mediumId, nowMs: nowMs?.() })
  if (verified.kind === 'refused') return { kind: 'refused', reason: `${device.device}: ${verified.reason}` }
  const { number, count } = verified.manifest.volume
  if (number !== volume) return { kind: 'other', reason: `${device.device} has volume ${number} of ${count}` }
  return { kind: 'found', device, manifest: verified.manifest }
}

/** Before anything was verified: only to tell the medium that started from others that are plugged in too. */
async function claimedManifest(folder: string): Promise<MediumManifest | 'unreadable' | undefined> {
  const octets = await folderReader(folder).read(mediumFiles.manifest)
  if (octets === undefined) return undefined
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of octets) {
    bytes += piece.length
    if (bytes > claimedBytesMax) return 'unreadable'
    pieces.push(piece)
  }
  return parseMediumManifest(Buffer.concat(pieces).toString('utf8')) ?? 'unreadable'
}

const claimedBytesMax = 64 * 1024 * 1024
