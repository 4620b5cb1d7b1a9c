/**
 * The medium that this machine was started from, verified and mounted: what it holds, its variables once the password is
 * known, its claim to the site, its content, and the other volumes of its set. Small files are verified when they are read,
 * content by its hash while it is read, so nothing of a medium that was altered is used.
 */

import {
  type MediumClaim,
  mediumClaimText,
  mediumContentPath,
  mediumFiles,
  type MediumManifest,
  type SealedContents,
} from '../../server/contract/medium.ts'
import type { ContentFile, Sha256 } from '../../server/site/content.ts'
import { openVariables } from '../../media/signed/sealed-variables.ts'
import { readSigningKey, signText } from '../../media/signed/site-key.ts'
import { readVerified, type MediumReader } from '../../media/signed/verify-medium.ts'
import { runCommand } from '../command.ts'
import type { BlockDevice } from './block-devices.ts'
import { findMedium, foundInstead, type FoundMedium, type MediumSearch } from './find-medium.ts'
import { folderReader } from '../../media/signed/folder-reader.ts'

export type OpenedMedium =
  | { readonly kind: 'opened'; readonly contents: SealedContents }
  | { readonly kind: 'wrong-password' }
  | { readonly kind: 'refused'; readonly reason: string }

export interface AskForVolume {
  readonly say: (text: string) => void
  readonly readLine: (timeoutMs: number | undefined) => Promise<string | undefined>
}

/** A drive with a new disc says first that it has none (NOT READY), and then that it was changed (UNIT ATTENTION): seen with the one of QEMU. */
const newDiscTries = 3

export class MountedMedium {
  readonly #search: Omit<MediumSearch, 'volume'>
  /** Of the first volume: what the set is. */
  readonly #first: MediumManifest
  #current: FoundMedium | undefined

  constructor(search: Omit<MediumSearch, 'volume'>, found: FoundMedium) {
    this.#search = search
    this.#first = found.manifest
    this.#current = found
  }

  get manifest(): MediumManifest {
    return this.#first
  }

  /** Where its files are; not there after `unmount`. */
  get folder(): string {
    return this.#search.mountPoint
  }

  get reader(): MediumReader {
    return folderReader(this.folder)
  }

  get device(): BlockDevice | undefined {
    return this.#current?.device
  }

  /** S7-035: of a disc, a stick, and a disk that was filled in the factory. */
  get launchMode(): 'CD' | 'UFD' | 'HD' {
    if (this.#first.kind === 'prestaged') return 'HD'
    return this.#current?.device.place === 'disc' ? 'CD' : 'UFD'
  }

  /** `Variables.dat`; a wrong password and an altered one cannot be told apart, but the manifest says which it is. */
  async open(password: string | undefined): Promise<OpenedMedium> {
    const octets = await readVerified(this.reader, this.#first, mediumFiles.variables)
    if (octets === undefined) {
      return { kind: 'refused', reason: `${mediumFiles.variables} is missing, cannot be read, or was altered` }
    }
    const { mediumId, files } = this.#first
    const opened = await openVariables(octets, { mediumId, files, ...(password === undefined ? {} : { password }) })
    if (opened.kind === 'opened' || opened.kind === 'wrong-password') return opened
    return { kind: 'refused', reason: `${mediumFiles.variables} is none that this version of Reveille can read` }
  }

  /** Which volume of the set a file of content is on. */
  volumeOf(sha256: Sha256): number {
    return this.#first.volumeOf?.[sha256] ?? this.#first.volume.number
  }

  /** Octets of a file of content as they are on the volume that is in the drive; undefined: it is not there. Judged by the reader, by its hash. */
  async readContent({ sha256 }: Pick<ContentFile, 'sha256'>): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#current === undefined ? undefined : this.reader.read(mediumContentPath(sha256))
  }

  /** Asks for another volume of the set until it is there (S7-014); false when nobody is there to change it. */
  async requireVolume(number: number, { say, readLine }: AskForVolume): Promise<boolean> {
    if (this.#current?.manifest.volume.number === number) return true
    await this.unmount()
    for (let wasAsked = false; ; wasAsked = true) {
      const tries = wasAsked ? newDiscTries : 1
      const found = await findMedium({ ...this.#search, nowMs: undefined, volume: number, tries })
      if (found.kind === 'found') {
        this.#current = found
        return true
      }
      if (found.kind === 'refused') say(`That volume cannot be used. ${found.reason}`)
      else if (wasAsked) say(`Volume ${number} is not there.${foundInstead(found)}`)
      say(`Insert volume ${number} of ${this.#first.volume.count} of "${this.#first.label}" and press Enter.`)
      if ((await readLine(undefined)) === undefined) return false
    }
  }

  /** A prestaged one lies on the disk that is about to be formatted. */
  async unmount(): Promise<void> {
    if (this.#current === undefined) return
    this.#current = undefined
    await runCommand({ program: 'umount', arguments: [this.folder] })
  }
}

/** That whoever has this identity key was started from this medium; undefined where the medium has no key. */
export function claimOf(
  { mediumId }: Pick<MediumManifest, 'mediumId'>,
  { mediumKey }: Pick<SealedContents, 'mediumKey'>,
  identity: { readonly identityKey: string; readonly nonce: string },
): MediumClaim | undefined {
  if (mediumKey === undefined) return undefined
  const text = mediumClaimText(mediumId, identity.identityKey, identity.nonce)
  return { mediumId, signature: signText(text, readSigningKey(mediumKey)) }
}
