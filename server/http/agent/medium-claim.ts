/**
 * Was this machine started from a medium of the site, and may that medium be used now (B12)? Asked with hello and when a run starts,
 * and never of a run that goes on (resume-route.ts). The claim is signed with the medium's own key, so one that was
 * only read over a network proves nothing. Who cannot prove it learns nothing of the site's media.
 */

import { whyNotNow } from '../../../media/signed/verify-medium.ts'
import { isSignedBy } from '../../../media/signed/site-key.ts'
import type { Hello } from '../../contract/agent.ts'
import { mediumClaimText, type MediumId } from '../../contract/medium.ts'
import type { Medium } from '../../store/media-port.ts'
import type { HttpDependencies } from '../dependencies.ts'

export type StartedFromMedium =
  | { readonly kind: 'started'; readonly medium: Medium }
  /** For the machine's screen. */
  | { readonly kind: 'refused'; readonly reason: string }

type Asked = Pick<HttpDependencies, 'store' | 'now'>

/** Undefined: it says that it came another way. */
export async function claimedMedium(
  dependencies: Asked,
  hello: Pick<Hello, 'startedFrom' | 'medium' | 'identityKey' | 'nonce'>,
): Promise<StartedFromMedium | undefined> {
  const { startedFrom, medium: claim, identityKey, nonce } = hello
  if (startedFrom !== 'media') return undefined
  if (claim === undefined) return { kind: 'refused', reason: notProven }
  const medium = await dependencies.store.medium(claim.mediumId)
  const text = mediumClaimText(claim.mediumId, identityKey, nonce)
  if (medium?.mediumKey === undefined || !isSignedBy(medium.mediumKey, text, claim.signature)) {
    return { kind: 'refused', reason: notOurs }
  }
  return judged(dependencies, medium)
}

/** Of a session whose claim was right when it said hello. */
export async function mediumOfSession(
  dependencies: Asked,
  { startedFrom, mediumId }: { readonly startedFrom: Hello['startedFrom']; readonly mediumId?: MediumId },
): Promise<StartedFromMedium | undefined> {
  if (startedFrom !== 'media') return undefined
  if (mediumId === undefined) return { kind: 'refused', reason: notProven }
  const medium = await dependencies.store.medium(mediumId)
  return medium === undefined ? { kind: 'refused', reason: notOurs } : judged(dependencies, medium)
}

const notProven = 'This machine does not prove which medium it was started from. Start it from a medium of this site.'
const notOurs =
  'The site does not know this medium. It was deleted, or belongs to another site: start from another one.'

function judged({ now }: Asked, medium: Medium): StartedFromMedium {
  if (medium.revoked !== undefined) {
    return { kind: 'refused', reason: 'This medium was revoked. Ask the administrator for another one.' }
  }
  const date = whyNotNow(medium, now())
  return date === undefined
    ? { kind: 'started', medium }
    : { kind: 'refused', reason: `This medium cannot be used now: ${date}.` }
}
