/**
 * A test runner for Stryker (see its documentation on plugins) that keeps test/sequence loaded in one process. A mutant in a function is
 * switched on and the tests that reach it run; a mutant in code that runs while a module is loaded (tables, mostly) gets
 * modules of its own and may be caught by any test. The first failing test ends it.
 */

import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core'
import { PluginKind } from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import type { CollectedTest } from './collected-tests.ts'
import { TestLoader } from './load-tests.ts'
import { EndlessLoop, runBounded } from './run-bounded.ts'

/** Tests of great sizes take longer than all others together, and what they show is no matter of a single mutant. Without them the score is no better. */
const sizes = /10,000 steps|20,000 nodes|made to hold up/

class SequenceTestRunner implements TestRunner {
  // The working directory is Stryker's copy of the project, with the mutants in it.
  readonly #loader = new TestLoader(process.cwd(), 'test/sequence/**/*.test.ts')
  readonly #context: InstrumenterContext = {}
  readonly #milliseconds = new Map<string, number>()
  #unchanged: readonly CollectedTest[] = []

  capabilities(): { readonly reloadEnvironment: boolean } {
    return { reloadEnvironment: true }
  }

  async init(): Promise<void> {
    Reflect.set(globalThis, INSTRUMENTER_CONSTANTS.NAMESPACE, this.#context)
    this.#unchanged = await this.#load()
  }

  async dryRun(): Promise<DryRunResult> {
    const result = await this.#run(this.#unchanged, false)
    const { mutantCoverage } = this.#context
    return result.status !== DryRunStatus.Complete || mutantCoverage === undefined
      ? result
      : { ...result, mutantCoverage }
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    this.#context.hitCount = 0
    if (options.hitLimit !== undefined) this.#context.hitLimit = options.hitLimit
    else delete this.#context.hitLimit
    this.#context.activeMutant = options.activeMutant.id
    try {
      const tests = await this.#testsFor(options)
      if (tests.length === 0) return toMutantRunResult(loadingFailed)
      const result = await this.#run(tests, true)
      const limit = determineHitLimitReached(this.#context.hitCount, options.hitLimit)
      return toMutantRunResult(limit ?? result)
    } finally {
      delete this.#context.activeMutant
    }
  }

  async #load(): Promise<readonly CollectedTest[]> {
    const tests = await this.#loader.load()
    return tests.filter(({ title }) => !sizes.test(title))
  }

  /** None when the mutant keeps a module from loading at all. */
  async #testsFor(options: MutantRunOptions): Promise<readonly CollectedTest[]> {
    const { testFilter } = options
    if (testFilter !== undefined) {
      const wanted = new Set(testFilter)
      return this.#inOrder(this.#unchanged.filter((test) => wanted.has(test.id)))
    }
    try {
      return this.#inOrder(await this.#load(), options.activeMutant.fileName)
    } catch {
      return []
    }
  }

  /** The tests of the changed file first, then the quick ones: what fails soon saves the rest. */
  #inOrder(tests: readonly CollectedTest[], changed = ''): readonly CollectedTest[] {
    const name = /([^/]+)\.ts$/.exec(changed)?.[1]
    const rank = (test: CollectedTest): number =>
      name !== undefined && test.file.endsWith(`/${name}.test.ts`) ? -1 : (this.#milliseconds.get(test.id) ?? 0)
    return tests.toSorted((first, second) => rank(first) - rank(second))
  }

  async #run(tests: readonly CollectedTest[], untilFailure: boolean): Promise<DryRunResult> {
    const results: TestResult[] = []
    for (const test of tests) {
      // Tests share the process, and the mutant that is switched on: never two at once.
      const result = await this.#runOne(test)
      if (result === undefined) return { status: DryRunStatus.Timeout, reason: `${test.id} does not end` }
      results.push(result)
      if (untilFailure && result.status === TestStatus.Failed) break
    }
    return { status: DryRunStatus.Complete, tests: results }
  }

  /** Undefined: it does not end. */
  async #runOne(test: CollectedTest): Promise<TestResult | undefined> {
    this.#context.currentTestId = test.id
    const startedAt = performance.now()
    const outcome = { id: test.id, name: test.title, fileName: test.file }
    try {
      await runBounded(test.run)
      const timeSpentMs = performance.now() - startedAt
      if (!this.#milliseconds.has(test.id)) this.#milliseconds.set(test.id, timeSpentMs)
      return { ...outcome, status: TestStatus.Success, timeSpentMs }
    } catch (error) {
      if (error instanceof EndlessLoop) return undefined
      const failureMessage = error instanceof Error ? error.message : String(error)
      return { ...outcome, status: TestStatus.Failed, failureMessage, timeSpentMs: performance.now() - startedAt }
    } finally {
      delete this.#context.currentTestId
    }
  }
}

const loadingFailed: DryRunResult = {
  status: DryRunStatus.Complete,
  tests: [
    {
      id: 'loading',
      name: 'loading',
      status: TestStatus.Failed,
      failureMessage: 'a module could not be loaded',
      timeSpentMs: 0,
    },
  ],
}

export const strykerPlugins = [
  { kind: PluginKind.TestRunner, name: 'sequence-tests', injectableClass: SequenceTestRunner },
]
