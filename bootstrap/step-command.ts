/** Programs that built-in steps need: their lines become output of the step. */

import { type CommandResult, runCommand } from './command.ts'
import { type StepContext, StepFailed } from './step-context.ts'

/** For whoever judges the return code. */
export async function tryTool(
  context: StepContext,
  words: readonly [string, ...string[]],
  input = '',
): Promise<CommandResult> {
  const [program, ...rest] = words
  return runCommand({
    program,
    arguments: rest,
    input,
    signal: context.signal,
    onLine: context.output,
    redaction: () => context.redactor.stream(),
  })
}

/** Any return code but 0 fails the step. */
export async function runTool(
  context: StepContext,
  words: readonly [string, ...string[]],
  input = '',
): Promise<CommandResult> {
  const result = await tryTool(context, words, input)
  if (result.exitCode === 0) return result
  const why =
    result.exitCode === 127 ? 'the program is not in this boot image' : result.tail || `exit code ${result.exitCode}`
  throw new StepFailed(`${words.join(' ')}: ${why}`, result.exitCode)
}
