/**
 * One run on this machine, from the point where there is a run to the point where it has ended, restarts or may not go
 * on: builds the parts around the task sequence manager and connects them.
 */

import { join } from 'node:path'
import type { Hello, RunEvent, RunEventBody } from '../server/contract/agent.ts'
import { debugCommandText, pausedText } from '../server/contract/debugger-state.ts'
import { valueOf } from '../server/sequence/environment.ts'
import type { SequenceEvent } from '../server/sequence/event.ts'
import { countSteps, stepNumber } from '../server/sequence/progress.ts'
import { progressText } from '../server/sequence/progress-text.ts'
import type { RestartTarget, Run } from '../server/sequence/run.ts'
import { secretCharactersMin } from '../server/site/site-variable.ts'
import { awaitCommand } from './await-command.ts'
import { pause } from './back-off.ts'
import type { MachineConsole } from './console.ts'
import { readDownloadRetries } from './download-retries.ts'
import type { DownloadSettings } from './download.ts'
import { Fault } from './fault.ts'
import type { FixedDisk, OtherDisk } from './fixed-disks.ts'
import { inspectMachine } from './inspect-machine.ts'
import type { FromMedium } from './medium/from-medium.ts'
import type { ManagementPoint } from './management-point.ts'
import { powerPlanOf, raisePowerPlan, restorePowerPlan } from './power-plan.ts'
import { programsRunFirstFile, rememberProgramRunFirst } from './programs-run-first.ts'
import type { Redactor } from './redactor.ts'
import { Reporter } from './reporter.ts'
import { packagesBelow } from './package-content.ts'
import { completeReports } from './run-file.ts'
import type { RunHome } from './run-home.ts'
import type { RunKeeper } from './run-keeper.ts'
import type { ServerLocation } from './server-location.ts'
import { ShownProgress } from './shown-progress.ts'
import type { StepContext } from './step-context.ts'
import { type RunStep, runStep } from './step-runner.ts'
import type { TargetSystem } from './target-system.ts'
import { type AwaitCommand, type ManagerEnd, manageTaskSequence } from './task-sequence-manager.ts'

/** How long a restart waits for the server to have everything; what it does not have yet is in the journal. */
export const flushBeforeRestartMs = 30_000

export interface Machine {
  readonly where: RestartTarget
  readonly hello: Hello
  readonly disks: readonly FixedDisk[]
  readonly otherDisks: readonly OtherDisk[]
  readonly server: ServerLocation
  readonly console: MachineConsole
  readonly redactor: Redactor
  readonly managementPoint: ManagementPoint
  readonly onFault: (fault: Fault, againInMs: number) => void
  readonly runtimeFolder: string
  readonly scratchFolder: string
  /** Absent: it was not started from a medium, or goes on with a run of before. */
  readonly fromMedium?: FromMedium
}

export interface RunParts {
  readonly keeper: RunKeeper
  readonly target: TargetSystem
  readonly home: RunHome
}

export class RunSession {
  readonly keeper: RunKeeper
  readonly reporter: Reporter
  readonly target: TargetSystem
  readonly #machine: Machine
  readonly #home: RunHome
  readonly #refused = new AbortController()
  readonly #tooShort = new Set<string>()
  /** Absent: nobody sees it but on the console. */
  readonly #shown: ShownProgress | undefined
  #heading = ''
  #servedBy = ''

  constructor(machine: Machine, { keeper, target, home }: RunParts) {
    this.#machine = machine
    this.keeper = keeper
    this.target = target
    const isShown = machine.where === 'installed-system' && keeper.saved.hidesProgress !== true
    this.#shown = isShown ? new ShownProgress(machine.redactor) : undefined
    this.#home = home
    const { send } = home
    this.reporter = new Reporter({
      journal: keeper.journal,
      redactor: machine.redactor,
      // A refusal is said aloud with the server's own words, which may repeat what it was shown.
      ...(send === undefined
        ? {}
        : { send: (events: readonly RunEvent[]) => send(events).finally(() => this.#learnCredentials()) }),
      now: () => Date.now(),
      onRefused: (fault) => {
        machine.console.say(`The run cannot go on. ${fault.message}`)
        this.#refused.abort()
      },
    })
  }

  /** Fires when the server does not let the run go on. */
  get refused(): AbortSignal {
    return this.#refused.signal
  }

  /** After a restart. Rejects with a `Fault` when the server does not let the run go on. */
  async resume(): Promise<void> {
    this.#learnSecrets(this.keeper.saved.run)
    this.#learnCredentials()
    await this.#home.resume()
    this.#learnCredentials()
    completeReports(this.keeper.saved, this.keeper.journal, this.reporter)
    this.reporter.start()
  }

  /** Of content, as the variables of the run have it now. */
  get download(): DownloadSettings {
    const { environment } = this.keeper.saved.run
    const retries = readDownloadRetries((name) => valueOf(environment, name))
    // In the boot image it is memory, or a disk that is about to be written to.
    const kept = this.#machine.where === 'boot-image' ? {} : { kept: packagesBelow(this.target.root) }
    return { ...this.#home.content, ...kept, ...retries, onServed: (base) => this.#sayWhoServes(base) }
  }

  /** A line for each change, not for each file. */
  #sayWhoServes(base: string): void {
    if (base === this.#servedBy) return
    this.#servedBy = base
    this.reporter.output('log', `Content comes from ${base}`)
  }

  async beforeRestart(target: RestartTarget): Promise<void> {
    await this.#home.beforeRestart?.(target)
  }

  /** It is over, or not gone on with. */
  async leave(): Promise<void> {
    this.reporter.close()
    await this.#home.conclude(this.keeper, this.target)
  }

  async go(event: SequenceEvent): Promise<ManagerEnd> {
    const { console, scratchFolder } = this.#machine
    const plan = powerPlanOf(scratchFolder)
    const say = (text: string): void => console.say(text)
    const organization = valueOf(this.keeper.saved.run.environment, '_SMSTSOrgName')
    if (organization !== '') say(organization)
    if (this.keeper.saved.highPerformancePowerPlan === true) await raisePowerPlan(plan, say)
    const end = await this.#manage(event)
    if (end.kind === 'restart') return end
    this.#shown?.end()
    // The system's next start brings the usual ones by itself.
    await restorePowerPlan(plan, say)
    return end
  }

  async #manage(event: SequenceEvent): Promise<ManagerEnd> {
    const { console } = this.#machine
    this.#learnSecrets(this.keeper.saved.run)
    this.#learnCredentials()
    return manageTaskSequence(this.keeper.saved.run, event, {
      save: (run, reports) => {
        this.reporter.settle()
        this.keeper.save(run, reports)
      },
      report: (body) => {
        this.reporter.record(body)
        if (body.kind === 'step-ended') this.#rememberProgramFirst(body)
        if (body.kind === 'step-started') this.#showStep(body)
        if (body.kind === 'debugger-paused') this.#showPaused(body)
        if (body.kind === 'debugger-command') console.say(debugCommandText(body))
        if (body.kind === 'step-ended' && body.outcome !== 'succeeded')
          console.say(`Error 50: ${body.outcome}: ${body.message}`)
      },
      keepSecret: ({ name, value }) => this.#learn(name, value),
      runStep: async (step, run) => this.#runStep(step, run),
      wait: async (seconds) => {
        console.say(`The task sequence waits ${seconds} s, because the machine may restart once more.`)
        await pause(seconds * 1_000, this.#refused.signal)
        return { kind: 'waited' }
      },
      inspect: async (questions, run) =>
        inspectMachine(questions, {
          where: this.#machine.where,
          hardware: this.#machine.hello.hardware,
          target: this.target,
          variable: (name) => valueOf(run.environment, name),
        }),
      awaitCommand: async (awaited) => this.#awaitCommand(awaited),
      isRefused: () => this.reporter.isRefused,
    })
  }

  async #awaitCommand(awaited: AwaitCommand): Promise<SequenceEvent | undefined> {
    try {
      return await awaitCommand(awaited, {
        ask: (after) => this.#home.nextCommand(after),
        signal: this.#refused.signal,
      })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (!this.#refused.signal.aborted) this.#machine.console.say(`The run cannot go on. ${error.message}`)
      return undefined
    }
  }

  async #runStep(step: RunStep, run: Run): Promise<SequenceEvent> {
    const never = new AbortController().signal
    const limit = step.timeoutSeconds === undefined ? never : AbortSignal.timeout(step.timeoutSeconds * 1_000)
    const context = this.#context(run, AbortSignal.any([limit, this.#refused.signal]))
    return runStep(step, { ...context, carryContent: () => this.#home.carryContent(context, run) }, limit)
  }

  #context(run: Run, signal: AbortSignal): StepContext {
    const { where, hello, disks, otherDisks, server, console, redactor } = this.#machine
    const { runtimeFolder, scratchFolder } = this.#machine
    return {
      where,
      hardware: hello.hardware,
      disks,
      otherDisks,
      target: this.target,
      content: this.keeper.saved.content,
      download: this.download,
      site: this.#home.images,
      stateStores: this.#home.stateStores,
      server,
      redactor,
      variable: (name) => valueOf(run.environment, name),
      environment: run.environment,
      progress: (progress) => {
        this.reporter.progress(progress)
        console.progress(printProgress(progress), performance.now())
        this.#shown?.progress(printProgress(progress))
      },
      output: (stream, line) => this.reporter.output(stream, line),
      signal,
      runtimeFolder,
      agentVersion: hello.agentVersion,
      scratchFolder,
    }
  }

  /** S1-075: once it has succeeded it is not run again on this system. */
  #rememberProgramFirst({ path, outcome }: Extract<RunEventBody, { kind: 'step-ended' }>): void {
    const { programFirstOf, downloadsFirst } = this.keeper.saved
    const place = downloadsFirst === true ? 1 : 0
    if (programFirstOf === undefined || path.length !== 1 || path[0] !== place || outcome !== 'succeeded') return
    rememberProgramRunFirst(join(this.target.root, programsRunFirstFile), programFirstOf)
  }

  #showPaused(paused: Extract<RunEventBody, { kind: 'debugger-paused' }>): void {
    const { console } = this.#machine
    const { runId } = this.keeper.saved
    console.say(pausedText(paused))
    console.say(`Go on from the server: ./reveille run debug ${runId} step (or run, set-current PATH, cancel, quit)`)
  }

  #showStep({ path, name }: Extract<RunEventBody, { kind: 'step-started' }>): void {
    const { environment, sequence } = this.keeper.saved.run
    const place = { name, number: stepNumber(sequence, path), total: countSteps(sequence) }
    const shown = progressText(environment, place)
    this.#shown?.step(shown, place)
    if (shown === undefined) return
    const { heading, step, position } = shown
    if (heading !== this.#heading) this.#machine.console.say(heading)
    this.#heading = heading
    this.#machine.console.say(`> ${step}${position === '' ? '' : ` ${position}`}`)
  }

  /** Former ones too: files and programs may still speak of them after a restart. */
  #learnSecrets({ environment }: Run): void {
    for (const { name, value, secret } of environment.variables) if (secret) this.#learn(name, value)
    for (const value of environment.formerSecrets ?? []) this.#machine.redactor.learn(value)
  }

  /** Each renewal brings new ones. */
  #learnCredentials(): void {
    for (const text of this.#home.credentials()) this.#machine.redactor.learn(text)
  }

  #learn(name: string, value: string): void {
    if (this.#machine.redactor.learn(value) || this.#tooShort.has(name)) return
    this.#tooShort.add(name)
    this.#machine.console.say(
      `The secret ${name} is shorter than ${secretCharactersMin} characters and cannot be masked in output.`,
    )
  }
}

export function printProgress({ text, done, total, unit }: Parameters<StepContext['progress']>[0]): string {
  if (total === undefined) return unit === 'bytes' ? `${text}: ${Math.floor(done / 1e6)} MB` : `${text}: ${done}`
  if (unit === 'items') return `${text}: ${done} of ${total}`
  return `${text}: ${total === 0 ? 100 : Math.floor((done / total) * 100)} %`
}

export function ramRunFolder(scratchFolder: string): string {
  return join(scratchFolder, 'run')
}
