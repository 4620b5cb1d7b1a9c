/**
 * Install Application (S2-029 to S2-034): for each application its dependencies first, then the first deployment type that
 * fits the machine, unless its detection finds it there already; afterwards the detection must find it. A restart that
 * one of them asked for comes after the last.
 */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PolicyContent } from '../../server/contract/agent.ts'
import { restartExitCode } from '../../server/sequence/restart-request.ts'
import { readDynamicList } from '../../server/sequence/step-types/dynamic-list.ts'
import type { InstallApplication } from '../../server/sequence/step-types/install-application.ts'
import type { DeploymentType } from '../../server/site/application.ts'
import { isInstalled, unmetRequirement } from '../detect-application.ts'
import { asFailure, type InstallResult, runInstallCommand } from '../install-command.ts'
import { fetchContent, workingFolder } from '../package-content.ts'
import { type StepContext, type StepResult, variable } from '../step-context.ts'

export async function installApplication(action: InstallApplication, context: StepContext): Promise<StepResult> {
  const wanted = applicationsOf(action, context)
  const installer = new Installer(context, action.clearContent)
  const failures: Extract<InstallResult, { kind: 'failed' }>[] = []
  let needsRestart = false
  for (const one of wanted.applications) {
    const result = typeof one === 'string' ? asFailure(one) : await installer.install(one)
    if (result.kind === 'succeeded') {
      needsRestart ||= result.needsRestart
      continue
    }
    context.output('log', context.redactor.redact(result.message))
    failures.push(result)
    if (!action.continueOnFailure) break
  }
  const isStrict = context.variable('TSErrorOnWarning').trim().toLowerCase() === 'true'
  if (isStrict && failures.length === 0 && wanted.skipped.length > 0) {
    failures.push({ kind: 'failed', exitCode: 1, message: wanted.skipped.join('; ') })
  }
  const status = failures.length > 0 ? 'Error' : wanted.skipped.length > 0 ? 'Warning' : 'Success'
  const variables = [variable('_TSAppInstallStatus', status)]
  const [first] = failures
  if (first !== undefined && !action.continueOnFailure) {
    const exitCode = first.exitCode === 0 || first.exitCode === restartExitCode ? 1 : first.exitCode
    return { exitCode, message: first.message, variables }
  }
  return { exitCode: needsRestart ? restartExitCode : 0, message: '', variables }
}

interface WantedApplications {
  /** A text: why it cannot be installed. */
  readonly applications: readonly (PolicyContent | string)[]
  /** Names that no application has (S2-032). */
  readonly skipped: readonly string[]
}

function applicationsOf(action: InstallApplication, context: StepContext): WantedApplications {
  const { applications, baseVariable } = action
  if (baseVariable === undefined) {
    const found = applications.map(
      (id) => findById(context, id) ?? `the application ${id} is not among the content of this run`,
    )
    return { applications: found, skipped: [] }
  }
  const entries = readDynamicList(baseVariable, 2, context.variable)
  if (entries.length === 0) context.output('log', `${baseVariable}01 is not set, so nothing is installed`)
  const skipped: string[] = []
  const found = entries.flatMap(({ variable: name, value }): readonly (PolicyContent | string)[] => {
    const content = context.content.find((one) => one.kind === 'application' && one.name === value)
    if (content === undefined) {
      const text = `${name} does not name an application exactly, and is left out`
      context.output('log', text)
      skipped.push(text)
      return []
    }
    const isAllowed = content.application?.allowInstallFromTaskSequence === true
    return [isAllowed ? content : `${value} may not be installed from a list: allow it in its settings`]
  })
  return { applications: found, skipped }
}

function findById({ content }: StepContext, id: string): PolicyContent | undefined {
  return content.find((one) => one.id === id && one.kind === 'application')
}

class Installer {
  readonly #context: StepContext
  readonly #clearContent: boolean
  /** Those that this step dealt with, or is dealing with. */
  readonly #seen = new Set<string>()

  constructor(context: StepContext, clearContent: boolean) {
    this.#context = context
    this.#clearContent = clearContent
  }

  async install(content: PolicyContent): Promise<InstallResult> {
    const { application, id, name } = content
    if (this.#seen.has(id)) return { kind: 'succeeded', needsRestart: false }
    this.#seen.add(id)
    if (application === undefined) return asFailure(`the site did not say how ${name} is installed`)
    const before = await this.#installAll(application.dependencies, name)
    if (before.kind === 'failed') return before
    const unmet = application.deploymentTypes.map((type) => unmetRequirement(type.requirements, this.#context))
    const type = application.deploymentTypes[unmet.indexOf(undefined)]
    if (type === undefined) return asFailure(`${name} has no deployment type for this machine: ${unmet.join('; ')}`)
    if (await isInstalled(type.detection, this.#context)) {
      this.#context.output('log', `${name} is there already`)
      return before
    }
    const replaced = await this.#replaceOlder(application.supersedes)
    if (replaced.kind === 'failed') return replaced
    const result = await this.#run({ content, type, commandLine: type.installCommandLine, verb: 'installing' })
    if (result.kind === 'failed') return result
    const needsRestart = before.needsRestart || replaced.needsRestart || result.needsRestart
    // What is finished by a restart cannot be found before it.
    if (result.needsRestart || (await isInstalled(type.detection, this.#context))) {
      return { kind: 'succeeded', needsRestart }
    }
    return asFailure(`${name} was installed without an error, and its detection does not find it`)
  }

  async #installAll(ids: readonly string[], name: string): Promise<InstallResult> {
    let needsRestart = false
    for (const id of ids) {
      const content = findById(this.#context, id)
      if (content === undefined) return asFailure(`${name} needs the application ${id}, which is not in this run`)
      const result = await this.install(content)
      if (result.kind === 'failed') return { ...result, message: `${name} was not installed: ${result.message}` }
      needsRestart ||= result.needsRestart
    }
    return { kind: 'succeeded', needsRestart }
  }

  /** S2-031. */
  async #replaceOlder(
    supersedes: readonly { readonly applicationId: string; readonly uninstall: boolean }[],
  ): Promise<InstallResult> {
    let needsRestart = false
    for (const { applicationId, uninstall } of supersedes.filter((one) => one.uninstall)) {
      const content = findById(this.#context, applicationId)
      for (const type of content?.application?.deploymentTypes ?? []) {
        if (content === undefined || !uninstall || type.uninstallCommandLine === '') continue
        if (!(await isInstalled(type.detection, this.#context))) continue
        const commandLine = type.uninstallCommandLine
        const result = await this.#run({ content, type, commandLine, verb: 'uninstalling' })
        if (result.kind === 'failed') return result
        needsRestart ||= result.needsRestart
      }
    }
    return { kind: 'succeeded', needsRestart }
  }

  async #run({ content, type, commandLine, verb }: Running): Promise<InstallResult> {
    const { contentFolder, maxRunTimeMinutes } = type
    const context = this.#context
    const parent = await workingFolder(context)
    const folder =
      contentFolder === undefined ? '/' : await fetchContent(context, content, { parent, only: contentFolder })
    context.output('log', `${verb} ${content.name} by ${type.name}`)
    const workingDirectory = contentFolder === undefined ? '/' : join(folder, contentFolder)
    const successCodes = [...new Set([...type.successCodes, restartExitCode])]
    try {
      const command = { commandLine, workingDirectory, maxRunTimeMinutes, successCodes }
      const result = await runInstallCommand(command, context)
      return result.kind === 'failed' ? { ...result, message: `${verb} ${content.name}: ${result.message}` } : result
    } finally {
      if (this.#clearContent && contentFolder !== undefined) await rm(folder, { recursive: true, force: true })
    }
  }
}

interface Running {
  readonly content: PolicyContent
  readonly type: DeploymentType
  readonly commandLine: string
  readonly verb: 'installing' | 'uninstalling'
}
