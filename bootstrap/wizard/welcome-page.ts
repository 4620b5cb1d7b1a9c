/**
 * The first page of a medium (S6-046, S7-010): what was started, and the password where it has one. An unattended medium shows
 * the page only to ask for that (A7-01). A wrong password is asked for again as often as wanted, a little later each time:
 * whoever has the medium guesses elsewhere anyway, and whoever mistyped must not be locked out.
 */

import type { MediumManifest, SealedContents } from '../../server/contract/medium.ts'
import type { OpenedMedium } from '../medium/mounted-medium.ts'
import { ask, type Page, type PageEnd, type PageParts } from './page.ts'

export interface WelcomeParts extends PageParts {
  readonly open: (password: string | undefined) => Promise<OpenedMedium>
  readonly pause: (ms: number) => Promise<void>
  /** From then on it is masked wherever it is said. */
  readonly keepSecret: (password: string) => void
}

export type WelcomeEnd = PageEnd<SealedContents> | { readonly kind: 'refused'; readonly reason: string }

const wrongPauseSecondsMax = 30

export async function askWelcome(manifest: MediumManifest, parts: WelcomeParts): Promise<WelcomeEnd> {
  if (manifest.passwordRequired) return askPassword(manifest, parts)
  const opened = await parts.open(undefined)
  if (opened.kind !== 'opened') return { kind: 'refused', reason: reasonOf(opened) }
  if (manifest.unattended) return { kind: 'next', value: opened.contents }
  for (;;) {
    const typed = await ask(pageOf(manifest, [], 'Enter = go on'), parts)
    if (typed.kind === 'nobody') return typed
    // There is nothing before this page.
    if (typed.kind === 'next' && typed.value === '') return { kind: 'next', value: opened.contents }
  }
}

async function askPassword(manifest: MediumManifest, parts: WelcomeParts): Promise<WelcomeEnd> {
  const keys = 'Type the password of this medium and Enter. What you type is not shown.'
  for (let wrong = 0; ; ) {
    const said = wrong === 0 ? [] : [`Wrong password, ${wrong === 1 ? 'once' : `${wrong} times`} so far.`]
    const typed = await ask(pageOf(manifest, said, keys), parts, true)
    if (typed.kind !== 'next') return typed
    parts.keepSecret(typed.value)
    const opened = await parts.open(typed.value)
    if (opened.kind === 'opened') return { kind: 'next', value: opened.contents }
    if (opened.kind === 'refused') return opened
    wrong += 1
    const seconds = wrongPauseSeconds(wrong)
    parts.say(`That is not the password of this medium. It can be typed again in ${seconds} s.`)
    await parts.pause(seconds * 1_000)
  }
}

/** 1, 2, 4, 8, 16, 30, 30... */
export function wrongPauseSeconds(wrong: number): number {
  return Math.min(2 ** (wrong - 1), wrongPauseSecondsMax)
}

function pageOf({ label, siteCode, volume }: MediumManifest, said: readonly string[], keys: string): Page {
  const disc = volume.count > 1 ? [`Volume ${volume.number} of ${volume.count}`] : []
  return { heading: `Welcome: ${label}`, lines: [`Site ${siteCode}`, ...disc, ...said], keys }
}

function reasonOf(opened: Exclude<OpenedMedium, { kind: 'opened' }>): string {
  return opened.kind === 'refused'
    ? opened.reason
    : 'it is sealed with a password that its list of files does not know of'
}
