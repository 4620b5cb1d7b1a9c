/**
 * `SMSTSPostAction`: a command line after the end of the task sequence, when nothing of the run is left on the machine. It
 * changes no outcome: a failure is said on the screen, and that is all. It is ended when it takes too long, because what
 * comes next (a restart, mostly) must not wait for it for ever.
 */

import { runCommand } from './command.ts'
import type { MachineConsole } from './console.ts'
import type { Redactor } from './redactor.ts'

const postActionMs = 10 * 60_000

/** Values of secrets may stand in the line, so it is not an argument that other processes see (A08). */
const readAndRun = 'line=$(cat) || exit; exec </dev/null; eval "$line"'

export async function runPostAction(
  commandLine: string | undefined,
  { console, redactor }: { readonly console: MachineConsole; readonly redactor: Redactor },
): Promise<void> {
  if (commandLine === undefined) return
  console.say('Runs the command that was wanted after the end of the task sequence.')
  const { exitCode, tail } = await runCommand({
    program: 'sh',
    arguments: ['-c', readAndRun],
    input: commandLine,
    signal: AbortSignal.timeout(postActionMs),
    redaction: () => redactor.stream(),
  })
  if (exitCode !== 0) console.say(`It ended with ${exitCode}, which changes nothing: ${tail}`)
}
