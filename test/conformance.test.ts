/**
 * The conformance table of `server/README.md`, held true: which statements have a test, by the ids in the titles of the
 * tests, and why the others have none. `UPDATE=1` rewrites the table. A title is believed: that a test proves what it
 * claims is for whoever reads it.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../scripts/root.ts'
import { coveredInPart, notCovered, statementGroups } from './support/conformance.ts'
import type { StatementGroup } from './support/conformance.ts'

const readme = join(root, 'server/README.md')
const begin = '<!-- conformance: written by `UPDATE=1 ava test/conformance.test.ts` -->\n'
const end = '<!-- end of conformance -->\n'

interface Statement {
  readonly id: string
  readonly says: string
}

const claims = readClaims()
const groups = statementGroups.map((group) => ({ group, statements: statementsOf(group) }))
const all = groups.flatMap(({ statements }) => statements)

test('the ids of tests were found, and ranges are read', (t) => {
  t.true(claims.size > 150)
  t.deepEqual(idsIn('TF-08..TF-10: three', 'tftp'), ['TF-08', 'TF-09', 'TF-10'])
  t.deepEqual(idsIn('D01-D03, R16: four', 'dhcp'), ['D01', 'D02', 'D03', 'R16'])
  t.deepEqual(idsIn('S4-002 to S4-004, S11-001: four', 'sequence'), ['S4-002', 'S4-003', 'S4-004', 'S11-001'])
  t.deepEqual(idsIn('D03 B07 T04: two of these are security rows here', 'http'), ['T04'])
  t.deepEqual(idsIn('RVL20001 at 52:54:00:12:34:56 after F12, HT-03', 'http'), [])
})

test('a statement has a test or a reason, never both and never neither', (t) => {
  const ids = new Set(all.map(({ id }) => id))
  t.deepEqual(
    [...claims, ...Object.keys(notCovered), ...Object.keys(coveredInPart)].filter((id) => !ids.has(id)),
    [],
    'ids that no list has',
  )
  t.deepEqual(
    [...ids].filter((id) => !claims.has(id) && notCovered[id] === undefined),
    [],
    'neither a test nor a reason',
  )
  t.deepEqual(
    [...ids].filter((id) => claims.has(id) && notCovered[id] !== undefined),
    [],
    'a test and a reason not to have one',
  )
  t.deepEqual(
    Object.keys(coveredInPart).filter((id) => !claims.has(id)),
    [],
    'said to be covered in part, and has no test',
  )
})

test('the table in server/README.md is what the tests say', (t) => {
  const text = readFileSync(readme, 'utf8')
  const [before, rest = ''] = text.split(begin)
  const after = rest.split(end)[1]
  if (before === undefined || after === undefined) return t.fail('the marks of the table are missing')
  const written = before + begin + printTable() + end + after
  if (process.env['UPDATE'] === '1') writeFileSync(readme, written)
  else t.is(text, written)
  return t.pass()
})

function statementsOf(group: StatementGroup): readonly Statement[] {
  return group.statements.map((says, index) => ({ id: idOf(group, index + 1), says }))
}

function idOf({ prefix, digits = 2 }: StatementGroup, number: number): string {
  return `${prefix}${String(number).padStart(digits, '0')}`
}

function readClaims(): ReadonlySet<string> {
  const names = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => /(\.test|-suite)\.ts$/.test(name) && name !== 'conformance.test.ts',
  )
  return new Set(
    names.flatMap((name) =>
      stringsOf(readFileSync(join(root, 'test', name), 'utf8')).flatMap((text) =>
        idsIn(text, name.split('/')[0] ?? ''),
      ),
    ),
  )
}

/** Titles are made of tables and templates too, so every string counts; comments do not. */
function stringsOf(code: string): readonly string[] {
  const found = code.matchAll(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\[\s\S])*)`/g,
  )
  return [...found].map(([, single, double, template]) => single ?? double ?? template ?? '')
}

function idsIn(text: string, folder: string): readonly string[] {
  return statementGroups.flatMap((group) => {
    const { prefix, digits = 2, folders, statements } = group
    if (folders?.includes(folder) === false) return []
    const id = `${prefix}(\\d{${digits}})`
    const pattern = new RegExp(`(?<![\\w-])${id}(?:(?:\\.\\.|…|-|–| to )${id})?(?!\\w)`, 'g')
    return (
      [...text.matchAll(pattern)]
        .flatMap(([, first, last = first]) => {
          const from = Number(first)
          return Array.from({ length: Number(last) - from + 1 }, (_, index) => from + index)
        })
        // A letter with two digits may be something else; with a dash it is meant, and a number too high is a mistake.
        .filter((number) => prefix.endsWith('-') || (number >= 1 && number <= statements.length))
        .map((number) => idOf(group, number))
    )
  })
}

function printTable(): string {
  const rows = groups.map(({ group, statements }) => {
    const covered = statements.filter(({ id }) => claims.has(id))
    const inPart = covered.filter(({ id }) => coveredInPart[id] !== undefined)
    const ids = `${statements[0]?.id ?? ''} to ${statements.at(-1)?.id ?? ''}`
    return `| ${group.title} | ${ids} | ${covered.length} of ${statements.length} | ${inPart.length} |`
  })
  return [
    '',
    '| statements | ids | with a test | of these in part |',
    '|---|---|---|---|',
    ...rows,
    '',
    'Without a test:',
    '',
    '| id | statement | why |',
    '|---|---|---|',
    ...rowsOf(notCovered),
    '',
    'In part:',
    '',
    '| id | statement | what the tests show, and what is open |',
    '|---|---|---|',
    ...rowsOf(coveredInPart),
    '',
    '',
  ].join('\n')
}

/** In the order of the lists, not of the reasons. */
function rowsOf(reasons: Readonly<Record<string, string>>): readonly string[] {
  return all.flatMap(({ id, says }) => (reasons[id] === undefined ? [] : [`| ${id} | ${says} | ${reasons[id]} |`]))
}
