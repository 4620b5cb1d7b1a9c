/**
 * What the HTTP side is given by web-services.ts. Interfaces here are the smallest ones its callers need; the store and the
 * content library fulfil them as they are.
 */

import type { KeyObject } from 'node:crypto'
import type { Registry } from 'prom-client'
import type { MacAddress } from '../address/mac-address.ts'
import type { BootPolicy } from '../boot/boot-facts.ts'
import type { LocalBoot } from '../boot/ipxe-local-boot.ts'
import type { ServerUrl } from '../boot/server-url.ts'
import type { SiteCode } from '../address/identifiers.ts'
import type { Ipv4Subnet } from '../address/ipv4-address.ts'
import type { ContentLibrary } from '../content/content-library.ts'
import type { UserStateFolder } from '../content/user-state-folder.ts'
import type { Secret } from '../secret.ts'
import type { LoadMeter } from '../metrics/load-meter.ts'
import type { SleepingMachine } from '../site/sleeping-machine.ts'
import type { Store } from '../store/ports.ts'
import type { MachineAddresses } from './machine-addresses.ts'
import type { HashedContent } from './content-to-send.ts'

export interface HttpDependencies {
  readonly store: Store
  readonly library: Blobs
  readonly userState: UserState
  /** Signs what is on media. */
  readonly mediaKey: KeyObject
  readonly bootFiles: ExtraBootFiles
  readonly site: SiteSettings
  readonly addresses: MachineAddresses
  /** Of the cards that this server has now. */
  readonly ownMacAddresses: () => readonly MacAddress[]
  /** Sends wake-up packets, and says where to. */
  readonly wake: (machines: readonly SleepingMachine[]) => Promise<readonly string[]>
  /** `http://192.0.2.1:8080` as machines reach us, by the local address of their connection; never from `Host` (B11). */
  readonly baseUrl: (localAddress: string) => ServerUrl
  /** The same for each network that we have a card in. */
  readonly networkUrls: () => readonly ServerUrl[]
  readonly now: () => number
  readonly log: HttpLog
  readonly metrics: Registry
  readonly load: Pick<LoadMeter, 'onLoad'>
  readonly access: AccessSettings
  /** The built console; absent: `/` says that there is none. */
  readonly consoleDirectory?: string
}

export interface SiteSettings {
  readonly siteCode: SiteCode
  /** Shown on machines while a task sequence runs. */
  readonly organization?: string
  readonly bootPolicy: BootPolicy
  /** Networks that are the site's own; absent: every one. */
  readonly intranet?: readonly Ipv4Subnet[]
  /** Boot files are to be had by TFTP as well, at our address and port 69: where scripts turn when HTTP fails. */
  readonly servesTftp: boolean
  /** How a machine with nothing to do is sent on to its disk. */
  readonly localBoot: LocalBoot
  /** `allow`: unknown computers are armed when something is deployed to them. */
  readonly unknownComputers: 'allow' | 'approve' | 'ignore'
  /** `approve`: devices of the site wait for an administrator, too. */
  readonly knownDevices: 'automatic' | 'approve'
  /** Octets one upload may have. */
  readonly uploadBytesMax: number
  /** Settings as the page may show them; no secrets. */
  readonly shown: Readonly<Record<string, unknown>>
}

export interface AccessSettings {
  /** Preset token of the first administrator. */
  readonly administratorToken?: Secret
  /** Printed at first start; creates the administrator, once. */
  readonly setupCode?: Secret
  /** Signs the demo's browser in, once, from this machine only. */
  readonly loginTicket?: Secret
  /** Further origins of pages, when a proxy stands in front: `https://deploy.example.org`. */
  readonly origins: readonly string[]
}

/** Content by hash. */
export type Blobs = Pick<ContentLibrary, 'add' | 'open' | 'renew' | 'spool' | 'pathOf'>

/** What machines captured of their users. */
export type UserState = Pick<UserStateFolder, 'write' | 'read' | 'has' | 'remove'>

/** The administrator's `--boot-files`: names as they were found, never a path made of a request. */
export interface ExtraBootFiles {
  /** The same object as long as the file is the same. */
  find(name: string): Promise<HashedContent | undefined>
}

export interface HttpLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}
