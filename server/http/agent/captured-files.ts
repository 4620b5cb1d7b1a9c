/**
 * Which files each run has sent to become an image, while the server runs. Only what a run sent itself, and what was looked
 * into, becomes an image of it; and a run sends so much and no more, so that a machine gone wrong cannot fill the library.
 * What was not made an image is collected from the library a day later. After a restart of the server it is sent again.
 */

import type { RunId } from '../../address/identifiers.ts'
import type { CapturedFile } from '../../contract/agent.ts'
import type { OperatingSystemImage } from '../../site/operating-system-image.ts'

/** A capture is tried three times (bootstrap/send-image.ts), and a sequence seldom has two of them. */
const filesPerRunMax = 12
const runsMax = 1_000

interface Sent extends CapturedFile {
  readonly format: OperatingSystemImage['format']
}

interface OfRun {
  begun: number
  sending: boolean
  readonly files: Sent[]
}

export class CapturedFiles {
  readonly #runs = new Map<RunId, OfRun>()

  /** False: this run is sending one now, or has sent enough. Whoever gets true calls `end`. */
  begin(runId: RunId): boolean {
    const run = this.#runs.get(runId) ?? { begun: 0, sending: false, files: [] }
    if (run.sending || run.begun === filesPerRunMax) return false
    run.begun += 1
    run.sending = true
    // The one used last stands last; the oldest is forgotten first.
    this.#runs.delete(runId)
    this.#runs.set(runId, run)
    for (const oldest of [...this.#runs.keys()].slice(0, -runsMax)) this.#runs.delete(oldest)
    return true
  }

  end(runId: RunId, sent?: Sent): void {
    const run = this.#runs.get(runId)
    if (run === undefined) return
    run.sending = false
    if (sent !== undefined) run.files.push(sent)
  }

  has(runId: RunId, { sha256, bytes, format }: Sent): boolean {
    const files = this.#runs.get(runId)?.files ?? []
    return files.some((file) => file.sha256 === sha256 && file.bytes === bytes && file.format === format)
  }
}
