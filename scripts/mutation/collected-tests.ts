/**
 * Stands where `ava` is imported while mutants are tried: it collects the tests of a file instead of running them, so that
 * one process can run any of them again and again in milliseconds. It knows the part of AVA that test/sequence uses and
 * nothing more; what is missing fails loudly in the first run, before a mutant is made.
 */

import { isDeepStrictEqual } from 'node:util'

/** A test as it can be run. */
export interface CollectedTest {
  /** The file within the project, and the title. */
  readonly id: string
  readonly file: string
  readonly title: string
  /** Rejects when the test fails. */
  readonly run: () => Promise<void>
}

type Implementation = (t: Assertions, ...more: readonly unknown[]) => unknown
interface Macro {
  readonly exec: Implementation
  readonly title?: (given: string | undefined, ...more: readonly unknown[]) => string
}

let collected: CollectedTest[] = []
let currentFile = ''

/** The tests that a file holds; `load` imports it. */
export async function collectTests(file: string, load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  collected = []
  currentFile = file
  await load()
  return collected
}

function test(title: string, body: Implementation | Macro, ...more: readonly unknown[]): void {
  const macro = typeof body === 'function' ? { exec: body } : body
  const wholeTitle = macro.title?.(title, ...more) ?? title
  collected.push({
    id: `${currentFile} ${wholeTitle}`,
    file: currentFile,
    title: wholeTitle,
    run: async () => {
      const t = new Assertions()
      await macro.exec(t, ...more)
      // AVA's own rule: a test that looks at nothing has failed.
      if (t.count === 0) throw new Error('the test made no assertion')
    },
  })
}

test.macro = (body: Implementation | Macro): Macro => (typeof body === 'function' ? { exec: body } : body)

export { test as default }

class Assertions {
  count = 0

  #check(holds: boolean, what: string): void {
    this.count += 1
    if (!holds) throw new Error(what)
  }

  pass(): void {
    this.#check(true, '')
  }
  fail(message = 'fail'): void {
    this.#check(false, message)
  }
  is(actual: unknown, expected: unknown): void {
    this.#check(Object.is(actual, expected), 'is')
  }
  not(actual: unknown, expected: unknown): void {
    this.#check(!Object.is(actual, expected), 'not')
  }
  true(actual: unknown): void {
    this.#check(actual === true, 'true')
  }
  false(actual: unknown): void {
    this.#check(actual === false, 'false')
  }
  deepEqual(actual: unknown, expected: unknown): void {
    this.#check(isDeepStrictEqual(actual, expected), 'deepEqual')
  }
  notDeepEqual(actual: unknown, expected: unknown): void {
    this.#check(!isDeepStrictEqual(actual, expected), 'notDeepEqual')
  }
  like(actual: unknown, selector: unknown): void {
    this.#check(isLike(actual, selector), 'like')
  }
  regex(text: string, pattern: RegExp): void {
    this.#check(pattern.test(text), 'regex')
  }
  notRegex(text: string, pattern: RegExp): void {
    this.#check(!pattern.test(text), 'notRegex')
  }
  notThrows(body: () => unknown): void {
    this.count += 1
    body()
  }
  throws(
    body: () => unknown,
    expected: { readonly instanceOf?: typeof Error; readonly message?: string | RegExp } = {},
  ): unknown {
    const thrown = catchFrom(body)
    this.#check(thrown instanceof (expected.instanceOf ?? Error), 'throws')
    const message = thrown instanceof Error ? thrown.message : ''
    if (typeof expected.message === 'string') this.#check(message === expected.message, 'throws')
    if (expected.message instanceof RegExp) this.#check(expected.message.test(message), 'throws')
    return thrown
  }
}

function catchFrom(body: () => unknown): unknown {
  try {
    body()
  } catch (error) {
    return error
  }
  return undefined
}

/** AVA's `like`: what the selector names is looked at, and nothing else. */
function isLike(actual: unknown, selector: unknown): boolean {
  if (typeof selector !== 'object' || selector === null) return isDeepStrictEqual(actual, selector)
  if (typeof actual !== 'object' || actual === null) return false
  if (Array.isArray(selector) !== Array.isArray(actual)) return false
  return Object.entries(selector).every(([name, value]) => isLike(Reflect.get(actual, name), value))
}
