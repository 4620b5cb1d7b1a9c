/** Steps of a check: what they print and when, and how their tests are counted. Each in a process of its own, as `npm run check` runs them. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import test from 'ava'

const runStepFile = new URL('../../scripts/run-step.ts', import.meta.url).href

async function printedBy(lines: string): Promise<string> {
  const script = `import { closeWith, runStep } from '${runStepFile}'\n${lines}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  return stdout
}

test('a step that runs beside another prints after it, however early it is done', async (t) => {
  const printed = await printedBy(`
    const first = Promise.withResolvers()
    const second = runStep('second', ['echo', 'from the second'], { printAfter: first.promise })
    await second
    await runStep('first', ['sh', '-c', 'echo from the first; echo and its complaint >&2'])
    first.resolve()
    await first.promise
  `)
  t.is(printed, '\n== first\nfrom the first\nand its complaint\n\n== second\nfrom the second\n')
})

test('a step that fails beside another is printed and counted all the same', async (t) => {
  const printed = await printedBy(`
    const first = Promise.reject(new Error('the other step could not be run'))
    const result = await runStep('second', ['sh', '-c', 'echo 3 tests passed; exit 4'], { printAfter: first })
    console.log(JSON.stringify([result.passed, result.failed]))
  `)
  t.is(printed, '\n== second\n3 tests passed\n[3,1]\n')
})

test('what failed is told once more at the end: of AVA what stands below its rule, of others all they printed', async (t) => {
  const printed = await printedBy(`
    const results = [
      await runStep('fine', ['echo', 'all is well']),
      await runStep('tests', ['printf', '  ✔ one\\\\n  ✘ two\\\\n  ─\\\\n\\\\n  two\\\\n  not true\\\\n\\\\n  1 test failed\\\\n']),
      await runStep('other', ['sh', '-c', 'echo said; echo complained >&2; exit 3']),
    ]
    console.log('---')
    closeWith(results)
  `)
  t.regex(
    printed.slice(printed.indexOf('---')),
    /^---\n\n== failed: tests\n {2}─\n {2}two\n {2}not true\n {2}1 test failed\n\n== failed: other\nsaid\ncomplained\n\nok/u,
  )
})
