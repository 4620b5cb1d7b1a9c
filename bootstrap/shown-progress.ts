/**
 * How far a run is, for whoever works at the machine of a client (S5-028, S5-029): a file that everybody may read, while the run
 * goes on and its deployment and `TSDisableProgressUI` let it be shown. `reveille-client progress` prints it (client-files.ts). It
 * holds what events hold, masked like them.
 */

import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ProgressText, StepPlace } from '../server/sequence/progress-text.ts'
import { printable } from './console.ts'
import type { Redactor } from './redactor.ts'

/** In memory, outside of the agent's folder, which is root's alone. */
export const shownProgressFile = '/run/reveille-progress'

type Place = Omit<StepPlace, 'name'>

export class ShownProgress {
  readonly #path: string
  readonly #redactor: Redactor
  #step: readonly string[] | undefined
  #written = ''

  constructor(redactor: Redactor, path = shownProgressFile) {
    this.#path = path
    this.#redactor = redactor
  }

  /** Undefined: the run does not want it to be seen. */
  step(text: ProgressText | undefined, { number, total }: Place): void {
    if (text === undefined) return this.end()
    const percent = total === 0 ? 100 : Math.floor(((number - 1) / total) * 100)
    this.#step = [text.heading, `Step ${number} of ${total} (${percent} %): ${text.step}`]
    this.#write(this.#step)
  }

  /** Inside the step. */
  progress(text: string): void {
    if (this.#step !== undefined) this.#write([...this.#step, text])
  }

  end(): void {
    this.#step = undefined
    this.#written = ''
    rmSync(this.#path, { force: true })
  }

  /** Whole or not at all, and only where something is new. */
  #write(lines: readonly string[]): void {
    const text = lines.map((line) => `${printable(this.#redactor.redact(line))}\n`).join('')
    if (text === this.#written) return
    const beside = join(dirname(this.#path), '.reveille-progress')
    rmSync(beside, { force: true })
    writeFileSync(beside, text, { mode: 0o644, flag: 'wx' })
    renameSync(beside, this.#path)
    this.#written = text
  }
}
