/** What the agent's routes share: the site, and what is known of agents for as long as the server runs. */

import type { HttpDependencies } from '../dependencies.ts'
import { CapturedFiles } from './captured-files.ts'
import { GuessGuard } from './guess-limit.ts'
import { Liveness } from './liveness.ts'

export interface Agents {
  readonly site: HttpDependencies
  readonly liveness: Liveness
  readonly guesses: GuessGuard
  readonly capturedFiles: CapturedFiles
}

export function createAgents(site: HttpDependencies): Agents {
  return { site, liveness: new Liveness(), guesses: new GuessGuard(site), capturedFiles: new CapturedFiles() }
}
