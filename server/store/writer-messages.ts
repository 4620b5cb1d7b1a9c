/** What the main thread and the writer's thread say to each other. Everything is plain data that can be cloned. */

import type { MessagePort } from 'node:worker_threads'
import type { SiteCode } from '../address/identifiers.ts'
import type { Editor } from '../site/edit-lock.ts'
import type { ProgressChange } from './ports.ts'

export interface WriterSettings {
  readonly databaseFile: string
  readonly siteCode: SiteCode
}

/** What the thread itself is told; the rest of the talk goes over `port`. */
export interface OpenDatabase {
  readonly settings: WriterSettings
  readonly port: MessagePort
}

export interface GivenCommand {
  /** A name of commands/command-table.ts. */
  readonly name: string
  readonly input: unknown
  readonly nowMs: number
  readonly actor?: Editor | undefined
}

export type ToWriter =
  /** One after the other: the next batch follows when this one is answered completely. */
  { readonly kind: 'run'; readonly commands: readonly GivenCommand[] } | { readonly kind: 'close' }

export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'cannot-open'; readonly message: string }
  /** Results of the next commands in the order given; the transaction is on the disk. */
  | {
      readonly kind: 'committed'
      readonly results: readonly CommandResult[]
      readonly change?: ProgressChange
      /** What is remembered of a boot is no longer so, whatever the commands are called. */
      readonly hasNewFacts: boolean
      /** Of the commit alone. */
      readonly commitMs: number
    }
  /** The next `count` commands did not happen. */
  | { readonly kind: 'not-written'; readonly count: number; readonly message: string }

export type CommandResult =
  | { readonly kind: 'done'; readonly value: unknown }
  /** A mistake of ours; its neighbours are not disturbed. */
  | { readonly kind: 'failed'; readonly error: unknown }
