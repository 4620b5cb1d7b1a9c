/**
 * Install Package (S2-035 to S2-037): the programs run one after the other, whether or not they ran before, and a restart
 * that one of them asked for comes after the last. Which programs ran in this sequence stands in a variable, for those
 * that another one must run before.
 */

import type { PolicyContent } from '../../server/contract/agent.ts'
import { variableValueCharactersMax } from '../../server/sequence/environment.ts'
import { restartExitCode } from '../../server/sequence/restart-request.ts'
import { readDynamicList } from '../../server/sequence/step-types/dynamic-list.ts'
import { type InstallPackage, programsRunVariable } from '../../server/sequence/step-types/install-package.ts'
import { type Program, printProgramReference } from '../../server/site/package.ts'
import { asFailure, type InstallResult, runInstallCommand } from '../install-command.ts'
import { fetchContent, findContent, workingFolder } from '../package-content.ts'
import { programFolder } from '../program-folder.ts'
import { type StepContext, StepFailed, type StepResult, variable } from '../step-context.ts'

export async function installPackage(action: InstallPackage, context: StepContext): Promise<StepResult> {
  const wanted = programsOf(action, context)
  const ran = new Set(
    context
      .variable(programsRunVariable)
      .split('\n')
      .filter((line) => line !== ''),
  )
  const failures: { readonly text: string; readonly exitCode: number }[] = []
  let needsRestart = false
  for (const one of wanted) {
    const result = await install(one, { context, ran, isDynamic: action.baseVariable !== undefined })
    if (result.kind === 'succeeded') {
      ran.add(one)
      needsRestart ||= result.needsRestart
      continue
    }
    const text = `${nameOf(one, context)}: ${result.message}`
    context.output('log', context.redactor.redact(text))
    failures.push({ text, exitCode: result.exitCode })
    if (action.baseVariable === undefined || !action.continueOnFailure) break
  }
  const variables = [variable(programsRunVariable, lastLines(ran))]
  const [first] = failures
  if (first !== undefined && !(action.baseVariable !== undefined && action.continueOnFailure)) {
    return { exitCode: failureCode(first.exitCode), message: first.text, variables }
  }
  return { exitCode: needsRestart ? restartExitCode : 0, message: '', variables }
}

function programsOf(action: InstallPackage, context: StepContext): readonly string[] {
  const { packageId = '', programName, baseVariable } = action
  if (baseVariable === undefined) return [`${packageId}:${programName}`]
  const entries = readDynamicList(baseVariable, 3, context.variable)
  if (entries.length === 0) context.output('log', `${baseVariable}001 is not set, so nothing is installed`)
  return entries.map(({ value }) => value)
}

interface Installing {
  readonly context: StepContext
  readonly ran: ReadonlySet<string>
  readonly isDynamic: boolean
}

async function install(reference: string, { context, ran, isDynamic }: Installing): Promise<InstallResult> {
  // S2-036: case-sensitive, and a package id has capital letters.
  const [, id, name] = /^([A-Z0-9]{3}[0-9A-F]{5}):(.+)$/.exec(reference) ?? []
  if (id === undefined || name === undefined) {
    return asFailure('this is not a package id with capital letters, a colon and the name of a program')
  }
  const found = findProgram({ id, name }, context)
  if (typeof found === 'string') return asFailure(found)
  const { content, program } = found
  const refusal = refusalOf(program, { context, ran, isDynamic })
  if (refusal !== undefined) return asFailure(refusal)
  const folder = await fetchContent(context, content, { parent: await workingFolder(context) })
  context.output('log', `running ${nameOf(reference, context)}`)
  const successCodes =
    program.afterRunning === 'restart-by-exit-code' ? [...program.successCodes, restartExitCode] : program.successCodes
  const { commandLine, maxRunTimeMinutes } = program
  const workingDirectory = programFolder(folder, program.workingDirectory)
  const result = await runInstallCommand({ commandLine, maxRunTimeMinutes, successCodes, workingDirectory }, context)
  // Without "restart by exit code", 3010 is a success like any other.
  const restarts = program.afterRunning === 'restart-by-exit-code'
  return result.kind === 'succeeded' ? { ...result, needsRestart: result.needsRestart && restarts } : result
}

interface FoundProgram {
  readonly content: PolicyContent
  readonly program: Program
}

function findProgram(
  { id, name }: { readonly id: string; readonly name: string },
  context: StepContext,
): FoundProgram | string {
  try {
    const content = findContent(context, id, 'package')
    const program = content.programs?.find((one) => one.name === name)
    return program === undefined ? 'the package has no program of this name' : { content, program }
  } catch (error) {
    if (error instanceof StepFailed) return error.message
    throw error
  }
}

function refusalOf(program: Program, { context, ran, isDynamic }: Installing): string | undefined {
  if (isDynamic && !program.allowInstallFromTaskSequence) {
    return 'the program may not be installed from a list: allow it in its settings'
  }
  const { runFirst, allowedPlatforms } = program
  if (runFirst !== undefined && !ran.has(printProgramReference(runFirst))) {
    return `${printProgramReference(runFirst)} must run first, and has not run in this task sequence`
  }
  const { architecture } = context.hardware
  const fits = allowedPlatforms.some(
    (platform) =>
      platform.system === 'linux' && (platform.architecture === undefined || platform.architecture === architecture),
  )
  return allowedPlatforms.length === 0 || fits ? undefined : 'the program is not for this system'
}

/** S2-037. */
function nameOf(reference: string, context: StepContext): string {
  const isHidden = context.variable('OSDDoNotLogCommand').trim().toLowerCase() === 'true'
  return isHidden ? reference.replace(/:.*$/s, ' (program not shown)') : reference
}

function lastLines(lines: ReadonlySet<string>): string {
  let text = [...lines].join('\n')
  while (text.length > variableValueCharactersMax) text = text.slice(text.indexOf('\n') + 1)
  return text
}

/** A code that would mean success cannot say that the step failed. */
function failureCode(exitCode: number): number {
  return exitCode === 0 || exitCode === restartExitCode ? 1 : exitCode
}
