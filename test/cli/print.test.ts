/** How answers are printed for people. */

import { execFileSync } from 'node:child_process'
import test from 'ava'

const printFile = new URL('../../server/cli/print.ts', import.meta.url).href

function printed(line: string): string {
  const script = `import { printList, printObject } from '${printFile}'\n${line}`
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
}

test('points in time are dates, under names without the unit that they have in the API', (t) => {
  const items = JSON.stringify({ items: [{ id: 1, expiresAtMs: 0 }, { id: 22 }] })
  t.is(
    printed(`printList({ json: false }, ${items}, ['id', 'expiresAtMs', 'durationMs'])`),
    'ID  EXPIRES AT                DURATION MS\n1   1970-01-01T00:00:00.000Z\n22\n',
  )
  t.is(
    printed(`printObject({ json: false }, { atMs: 1000, durationMs: 5 })`),
    'at          1970-01-01T00:00:01.000Z\ndurationMs  5\n',
  )
  t.regex(printed(`printList({ json: true }, ${items}, ['id'])`), /"expiresAtMs": 0/)
})
