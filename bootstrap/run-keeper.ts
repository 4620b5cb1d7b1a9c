/**
 * Where the state of a run lies: its file and its journal, together in one folder, in memory at first and on the target
 * disk from the moment there is one. Moving writes the new place completely before the old one is given up.
 */

import { rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunEventBody } from '../server/contract/agent.ts'
import type { Run } from '../server/sequence/run.ts'
import { readBootId } from './boot-id.ts'
import { Journal } from './journal.ts'
import { StepFailed } from './step-context.ts'
import { isPlainPath } from './target-files.ts'
import { packagesFolder, removeRun, RunFile, runFolder, type SavedRun } from './run-file.ts'

export class RunKeeper {
  readonly journal: Journal
  #folder: string
  #file: RunFile
  #saved: SavedRun

  /** Opens the folder's journal and writes the run beside it. */
  constructor(folder: string, saved: SavedRun) {
    this.#folder = folder
    this.#file = new RunFile(folder)
    this.#saved = saved
    this.journal = new Journal(folder)
    this.#write()
  }

  get saved(): SavedRun {
    return this.#saved
  }

  save(run: Run, reports: readonly RunEventBody[]): void {
    this.#saved = { ...this.#saved, run, reports, firstReport: this.journal.last + 1, bootId: readBootId() }
    this.#write()
  }

  /** A used ticket is worthless: the next one must be on the disk before anything else happens. */
  keepTicket(resumeTicket: string): void {
    this.#saved = { ...this.#saved, resumeTicket }
    this.#write()
  }

  /** It restarts now, and from now on whenever it needs to (S9-016). */
  forgetWindows(): void {
    const { restartWindows: _, ...saved } = this.#saved
    this.#saved = saved
    this.#write()
  }

  /** Whoever chose it wants what it erases; before, a start of the agent asks again. */
  confirm(): void {
    const { unconfirmed: _, ...saved } = this.#saved
    this.#saved = saved
    this.#write()
  }

  /** `root` is that of the target system. */
  moveTo(root: string): void {
    if (!isPlainPath(root, runFolder)) throw new StepFailed(`/${runFolder} of the applied system is behind a link`)
    this.moveInto(join(root, runFolder))
  }

  moveInto(folder: string): void {
    if (folder === this.#folder) return
    const old = this.#folder
    this.journal.moveTo(folder)
    this.#folder = folder
    this.#file = new RunFile(folder)
    this.#write()
    removeRun(old)
  }

  /** The run is over, and the server has everything. */
  remove(): void {
    this.journal.close()
    // What steps fetched for this run lies beside it (package-content.ts).
    rmSync(join(dirname(this.#folder), packagesFolder), { recursive: true, force: true })
    removeRun(this.#folder)
    if (this.#folder.endsWith(`/${runFolder}`)) removeEmptyAbove(this.#folder)
  }

  #write(): void {
    this.#file.save({ ...this.#saved, savedAtMs: Date.now() })
  }
}

/** The folders that led to the run; a Windows volume had none of them before. What holds something else stays. */
function removeEmptyAbove(folder: string): void {
  let above = dirname(folder)
  for (const _ of runFolder.split('/').slice(1)) {
    try {
      rmdirSync(above)
    } catch {
      return
    }
    above = dirname(above)
  }
}
