/** The style guide's countable rules as tests (shared/style.md): size, names, leftovers. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import test from 'ava'
import { root } from '../scripts/root.ts'
import { slowTests } from '../scripts/slow-tests.ts'
import { readSourceFiles } from './support/source-files.ts'

const sources = readSourceFiles('server', 'bootstrap', 'media', 'scripts')
const all = [...sources, ...readSourceFiles('test')]

test('every source file opens with a comment that says what it is', (t) => {
  t.deepEqual(
    all.filter((file) => !/^(#!.*\n)?\/\*\*/.test(file.text)).map((file) => file.path),
    [],
  )
})

test('files hold one thing: none is longer than 400 lines', (t) => {
  t.deepEqual(
    sources.filter((file) => file.text.split('\n').length > 400).map((file) => file.path),
    [],
  )
})

test('file names are kebab-case and say what is inside', (t) => {
  const bad = all.filter(
    (file) =>
      !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.tsx?$/.test(basename(file.path)) ||
      /^(index|utils?|helpers?|common|misc|types)\.ts$/.test(basename(file.path)),
  )
  t.deepEqual(
    bad.map((file) => file.path),
    [],
  )
})

test('no any, no non-null assertion, no default export, no skipped test, no leftover', (t) => {
  const patterns = [
    /:\s*any\b/,
    /\bas any\b/,
    /^export default/m,
    /\btest\.(skip|only|todo)\b/,
    /\bconsole\.debug\b/,
    /\bFIXME\b|\bXXX\b/,
    /TODO(?!\(#\d+\))/,
  ]
  const withoutComments = all.map((file) => ({
    ...file,
    text: file.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replaceAll(/'[^'\n]*'/g, "''"),
  }))
  const found = withoutComments
    .filter((file) => file.path !== 'test/tidy.test.ts')
    .flatMap((file) =>
      patterns.filter((pattern) => pattern.test(file.text)).map((pattern) => `${file.path}: ${pattern.source}`),
    )
  t.deepEqual(found, [])
})

test('no package in the lock needs a script to be installed, but the one that works without', (t) => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean; resolved?: string }>
  }
  const scripted = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript === true)
  t.deepEqual(
    scripted.map(([name]) => name),
    ['node_modules/koffi'],
  )
  t.deepEqual(
    Object.entries(lock.packages)
      .filter(([, entry]) => entry.resolved !== undefined)
      .map(([name]) => name),
    [],
  )
})

test('every dependency has a line in server/decisions/', (t) => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >
  const decisions = readdirSync(join(root, 'server/decisions'))
    .map((name) => readFileSync(join(root, 'server/decisions', name), 'utf8'))
    .join('\n')
  const names = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  )
  t.true(names.length > 20)
  t.deepEqual(
    names.filter((name) => !decisions.includes(`\`${name}\``)),
    [],
  )
})

test('each file that the quick check leaves out is there', (t) => {
  t.deepEqual(
    slowTests.filter((file) => !existsSync(join(root, file))),
    [],
  )
})
