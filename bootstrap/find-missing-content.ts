/**
 * The dependency check (S6-052): can all content of a run be had, before its first step does something that cannot be undone?
 * One file of each is asked for by its head (HEAD, RFC 9110 section 9.3.2) at each of its bases until one has it; a distribution
 * point has all files of a content or none.
 */

import type { PolicyContent } from '../server/contract/agent.ts'
import { contentPath } from '../server/contract/routes.ts'
import type { ContentFile } from '../server/site/content.ts'
import { basesOf } from './download.ts'
import { open } from './exchange.ts'
import { Fault } from './fault.ts'
import type { ServerLocation } from './server-location.ts'

export interface ContentSearch {
  readonly server: ServerLocation
  readonly token: () => string
  /** True for a file that the medium or its cache has. */
  readonly isAtHand?: (file: ContentFile) => Promise<boolean>
  readonly timeoutMs?: number
}

export interface MissingContent {
  readonly content: PolicyContent
  /** What the last base said. */
  readonly reason: string
  /** Every base answered that it has none; otherwise one could not be asked, and a later try may find it. */
  readonly isCertain: boolean
}

const headTimeoutMs = 10_000
/** A server in trouble is asked by all machines at once. */
const atOnce = 4

export async function findMissingContent(
  contents: readonly PolicyContent[],
  search: ContentSearch,
): Promise<readonly MissingContent[]> {
  const missing: MissingContent[] = []
  const waiting = contents.filter(({ files }) => files.length > 0)
  for (let first = 0; first < waiting.length; first += atOnce) {
    const looked = await Promise.all(waiting.slice(first, first + atOnce).map((content) => look(content, search)))
    missing.push(...looked.filter((one) => one !== undefined))
  }
  return missing
}

async function look(content: PolicyContent, search: ContentSearch): Promise<MissingContent | undefined> {
  const [file] = content.files
  if (file === undefined || (await search.isAtHand?.(file)) === true) return undefined
  let reason = ''
  let isCertain = true
  for (const base of basesOf(content, search.server)) {
    const asked = await askHead(base, { content, file, search })
    if (asked === 'there') return undefined
    reason = asked.reason
    isCertain &&= asked.isCertain
  }
  return { content, reason, isCertain }
}

async function askHead(
  base: string,
  {
    content,
    file,
    search,
  }: { readonly content: PolicyContent; readonly file: ContentFile; readonly search: ContentSearch },
): Promise<'there' | { readonly reason: string; readonly isCertain: boolean }> {
  const name = file.name.split('/').map(encodeURIComponent).join('/')
  const url = base + contentPath(content.id, content.version, name)
  try {
    const message = await open({
      method: 'HEAD',
      url,
      headers: { authorization: `Bearer ${search.token()}`, 'accept-encoding': 'identity' },
      timeoutMs: search.timeoutMs ?? headTimeoutMs,
    })
    message.resume()
    const { statusCode = 0 } = message
    if (statusCode === 200) return 'there'
    return { reason: `HTTP ${statusCode} from ${base}`, isCertain: statusCode === 404 }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { reason: error.message, isCertain: false }
  }
}
