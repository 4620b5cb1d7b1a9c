/**
 * "Take the medium away": shown where a machine that starts from it again would not go on, or would begin anew. A medium that
 * is gone, or somebody who presses Enter, ends the wait. One that is a part of the machine cannot be taken away.
 */

import { type PageParts, printPage } from '../wizard/page.ts'
import { type BlockDevice, fileSystemOn } from './block-devices.ts'

export interface Removal {
  readonly heading: string
  readonly lines: readonly string[]
  /** What ends the wait besides: a word that somebody types. */
  readonly word?: { readonly text: string; readonly does: string }
  /** Undefined: it is not known where the medium is. */
  readonly device: BlockDevice | undefined
  /** How often it is looked whether the medium is still there. */
  readonly pollMs?: number
}

export type RemovalEnd = 'removed' | 'word'

const pollMsDefault = 2_000

export async function awaitRemoval(removal: Removal, { say, readLine }: PageParts): Promise<RemovalEnd> {
  const { heading, lines, word, device, pollMs = pollMsDefault } = removal
  const wordText = word === undefined ? '' : `; ${word.text} and Enter = ${word.does}`
  say(printPage({ heading, lines, keys: `Remove the medium, or Enter = restart${wordText}` }))
  for (;;) {
    const line = await readLine(pollMs)
    if (line?.trim() === '') return 'removed'
    if (word !== undefined && line?.trim().toLowerCase() === word.text) return 'word'
    if (device !== undefined && device.place !== 'fixed' && !(await isThere(device))) return 'removed'
  }
}

async function isThere({ device }: BlockDevice): Promise<boolean> {
  return (await fileSystemOn(device)) !== undefined
}
