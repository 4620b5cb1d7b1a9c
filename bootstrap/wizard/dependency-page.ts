/**
 * The dependency check (S6-052). What is missing is named, and looked for again without a restart. Where nobody was asked, it
 * looks again by itself a few times: what could not be asked for is then left to the steps, which try for half an hour; what the
 * whole site says it does not have ends the run before it has erased anything.
 */

import type { MissingContent } from '../find-missing-content.ts'
import { shorten } from './choose-page.ts'
import { ask, type PageParts } from './page.ts'

export interface DependencyParts extends PageParts {
  readonly search: () => Promise<readonly MissingContent[]>
  readonly pause: (ms: number) => Promise<void>
  /** Whether somebody sits before this machine, who chose what runs. */
  readonly isAttended: boolean
}

export type DependencyEnd =
  | { readonly kind: 'found' }
  | { readonly kind: 'previous' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'missing'; readonly message: string }

const zeroTouchTriesMax = 3
const zeroTouchPauseMs = 10_000

export async function checkDependencies(parts: DependencyParts): Promise<DependencyEnd> {
  for (let tried = 1; ; tried += 1) {
    const missing = await parts.search()
    if (missing.length === 0) return { kind: 'found' }
    if (parts.isAttended) {
      const typed = await ask(pageOf(missing), parts)
      if (typed.kind === 'nobody') return typed
      if (typed.kind === 'next' && typed.value.toLowerCase() === 'q') return { kind: 'previous' }
      continue
    }
    const certain = missing.filter(({ isCertain }) => isCertain)
    if (certain.length === 0) return { kind: 'found' }
    parts.say(messageOf(certain))
    if (tried === zeroTouchTriesMax) return { kind: 'missing', message: messageOf(certain) }
    await parts.pause(zeroTouchPauseMs)
  }
}

function pageOf(missing: readonly MissingContent[]) {
  const lines = missing.map(({ content, reason }) => shorten(`  ${content.id}  ${content.name}: ${reason}`))
  return {
    heading: `Content of this task sequence is missing: ${missing.length === 1 ? 'one object' : `${missing.length} objects`}`,
    lines: [...lines.slice(0, 12), ...(lines.length > 12 ? [`  ... and ${lines.length - 12} more`] : [])],
    keys: 'Enter or p = Previous: search again, q = do not run it',
  }
}

function messageOf(missing: readonly MissingContent[]): string {
  const names = missing.map(({ content }) => `${content.id} (${content.name})`)
  return `Content of this task sequence is missing at every distribution point: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
}
