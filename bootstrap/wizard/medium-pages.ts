/**
 * The pages of a medium, in their order (S6-046, S6-047): Welcome, network settings, prestart command. After them come those that
 * every start has: the list, its variables (choose-deployment.ts), the dependency check and the confirmation
 * (check-before-start.ts). Unattended, only the password is left of them (S7-010, S6-056, A7-01).
 */

import type { PolicyVariable } from '../../server/contract/agent.ts'
import type { MediumManifest, SealedContents } from '../../server/contract/medium.ts'
import type { PrestartEnd } from '../medium/run-prestart.ts'
import type { Network, NetworkSettings } from '../network.ts'
import { askNetwork } from './network-page.ts'
import type { PageEnd, PageParts } from './page.ts'
import { askPrestart } from './prestart-page.ts'
import { askWelcome, type WelcomeParts } from './welcome-page.ts'

export interface MediumPagesParts extends WelcomeParts, PageParts {
  readonly manifest: MediumManifest
  readonly network: Network
  readonly runPrestart: (
    prestart: NonNullable<SealedContents['prestart']>,
    variables: readonly PolicyVariable[],
  ) => Promise<PrestartEnd>
}

/** What is known when they are done. */
export interface MediumAnswers {
  readonly contents: SealedContents
  /** Absent: whatever a card gets by DHCP. */
  readonly network?: NetworkSettings
  /** Variables of the prestart command. */
  readonly given: readonly PolicyVariable[]
}

export type MediumPagesEnd =
  | { readonly kind: 'next'; readonly value: MediumAnswers }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'refused'; readonly reason: string }

/** `known`: a later page leads back here, and a password is asked for once. */
export async function askMediumPages(parts: MediumPagesParts, known?: SealedContents): Promise<MediumPagesEnd> {
  for (let contents = known; ; contents = undefined) {
    if (contents === undefined) {
      const welcome = await askWelcome(parts.manifest, parts)
      if (welcome.kind === 'previous') continue
      if (welcome.kind !== 'next') return welcome
      contents = welcome.value
    }
    const rest = parts.manifest.unattended
      ? await withoutPages(contents, parts)
      : await askNetworkAndPrestart(contents, parts)
    if (rest.kind !== 'previous') return rest
  }
}

async function askNetworkAndPrestart(
  contents: SealedContents,
  parts: MediumPagesParts,
): Promise<MediumPagesEnd | { readonly kind: 'previous' }> {
  for (;;) {
    const network = needsNetwork(parts) ? await askNetwork(parts.network, parts) : noNetwork
    if (network.kind !== 'next') return network
    const { prestart } = contents
    if (prestart === undefined) return { kind: 'next', value: { contents, network: network.value, given: [] } }
    const given = await askPrestart({ ...parts, run: () => parts.runPrestart(prestart, contents.variables) })
    if (given.kind === 'nobody') return given
    if (given.kind === 'previous' && !needsNetwork(parts)) return given
    if (given.kind === 'next') return { kind: 'next', value: { contents, network: network.value, given: given.value } }
  }
}

const noNetwork: PageEnd<NetworkSettings> = { kind: 'next', value: {} }

/** S7-026: there is nobody to speak to. */
function needsNetwork({ manifest }: MediumPagesParts): boolean {
  return manifest.kind !== 'stand-alone'
}

async function withoutPages(contents: SealedContents, parts: MediumPagesParts): Promise<MediumPagesEnd> {
  if (needsNetwork(parts)) await parts.network.connect()
  if (contents.prestart === undefined) return { kind: 'next', value: { contents, given: [] } }
  const end = await parts.runPrestart(contents.prestart, contents.variables)
  if (end.kind === 'succeeded') return { kind: 'next', value: { contents, given: end.variables } }
  return { kind: 'refused', reason: `its prestart command failed: ${end.reason}` }
}
