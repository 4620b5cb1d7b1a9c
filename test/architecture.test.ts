/** The import table of design section 1.1, held as a test: a folder imports only from lower floors. */

import test from 'ava'
import { readSourceFiles } from './support/source-files.ts'
import type { SourceFile } from './support/source-files.ts'

const floors: readonly (readonly string[])[] = [
  ['server/address', 'server/assert.ts', 'server/caught-error.ts', 'server/secret.ts'],
  ['server/wire', 'server/site', 'server/sequence'],
  ['server/targeting'],
  ['server/boot', 'server/tftp', 'server/contract'],
  ['server/dhcp'],
  ['server/store', 'server/content', 'server/schedule', 'server/metrics'],
  ['server/listen', 'server/http', 'server/console'],
  [
    'server/distribution-point',
    'server/main.ts',
    'server/network-services.ts',
    'server/network-traffic.ts',
    'server/store-metrics.ts',
    'server/web-services.ts',
    'server/boot-policy.ts',
    'server/cli.ts',
    'server/cli',
    'server/config.ts',
    'server/usage.ts',
    'server/config-values.ts',
    'server/data-directory.ts',
    'server/log.ts',
  ],
]

const firstImpureFloor = 5
/** What the agent and the builders may use of the server. */
const openToOthers = [
  'server/address',
  'server/assert.ts',
  'server/caught-error.ts',
  'server/site',
  'server/sequence',
  'server/contract',
  'server/targeting',
]

/** The floors of what is pure in media/. `disk`, `fat` and `iso` write formats, each on its own; an image of a disc has tables of a disk. */
const pureMediaFloors: readonly (readonly string[])[] = [['media/layout'], ['media/disk', 'media/fat'], ['media/iso']]

const files = readSourceFiles('server')

test('the table names every part of server/', (t) => {
  t.true(files.length > 60)
  t.deepEqual(
    files.filter((file) => placeOf(file.path) === undefined).map((file) => file.path),
    [],
  )
})

test('a folder imports only from lower floors, or from itself', (t) => {
  const wrong = files.flatMap((file) => {
    const here = placeOf(file.path)
    return file.imports
      .filter((name) => name.startsWith('server/'))
      .flatMap((name) => {
        const there = placeOf(name)
        const allowed =
          here !== undefined &&
          there !== undefined &&
          (there.floor < here.floor || there.folder === here.folder || here.floor === 7)
        return allowed ? [] : [`${file.path} imports ${name}`]
      })
  })
  t.deepEqual(wrong, [])
})

test('below floor 5 there is no node:, no package, no clock, no randomness, no timer', (t) => {
  const pure = files.filter((file) => (placeOf(file.path)?.floor ?? 0) < firstImpureFloor)
  t.true(pure.length > 40)
  t.deepEqual(pure.flatMap(impurities), [])
})

test('only store/ contains SQL, and only config.ts reads the environment', (t) => {
  const sql = files.filter(
    (file) =>
      !file.path.startsWith('server/store/') &&
      /\b(SELECT .* FROM|INSERT INTO|CREATE TABLE)\b|from 'kysely/.test(file.text),
  )
  t.deepEqual(
    sql.map((file) => file.path),
    [],
  )
  const environment = files.filter(
    (file) => !/^server\/(config|main|cli)/.test(file.path) && /process\.(env|argv)/.test(file.text),
  )
  t.deepEqual(
    environment.map((file) => file.path),
    [],
  )
})

test('bootstrap/ and media/ enter server/ through the pure folders only', (t) => {
  const outside = readSourceFiles('bootstrap', 'media')
  t.true(outside.length > 20)
  const wrong = outside.flatMap((file) =>
    file.imports
      .filter((name) => name.startsWith('server/') && !openToOthers.includes(placeOf(name)?.folder ?? ''))
      .map((name) => `${file.path} imports ${name}`),
  )
  t.deepEqual(wrong, [])
})

test('media are made, read and verified by few, and bootstrap/ does no more than verify them', (t) => {
  const allowed = {
    'server/content': ['media/signed'],
    'server/http': ['media/layout', 'media/medium', 'media/read-layout.ts', 'media/signed'],
    'server/cli': ['media/medium', 'media/read', 'media/signed'],
    bootstrap: ['media/signed'],
  }
  const users = readSourceFiles('server', 'bootstrap')
  t.true(users.filter(({ imports }) => imports.some((name) => name.startsWith('media/'))).length > 10)
  const wrong = users.flatMap((file) => {
    const [, folders = []] = Object.entries(allowed).find(([folder]) => file.path.startsWith(`${folder}/`)) ?? []
    return file.imports
      .filter((name) => name.startsWith('media/') && !folders.some((one) => name === one || name.startsWith(`${one}/`)))
      .map((name) => `${file.path} imports ${name}`)
  })
  t.deepEqual(wrong, [])
})

test('formats of media are pure, and import only what is below them and what is open to media/', (t) => {
  const pure = readSourceFiles(...pureMediaFloors.flat())
  t.true(pure.length > 2)
  const impure = pure.flatMap((file) => impurities({ ...file, imports: [] }))
  t.deepEqual(impure, [])
  const wrong = pure.flatMap((file) => {
    const here = placeOf(file.path, pureMediaFloors)
    return file.imports
      .filter((name) => {
        const there = placeOf(name, pureMediaFloors)
        if (here === undefined || there === undefined) return !openToOthers.includes(placeOf(name)?.folder ?? '')
        return there.floor >= here.floor && there.folder !== here.folder
      })
      .map((name) => `${file.path} imports ${name}`)
  })
  t.deepEqual(wrong, [])
})

function placeOf(path: string, table = floors): { floor: number; folder: string } | undefined {
  for (const [floor, folders] of table.entries()) {
    const folder = folders.find((one) => path === one || path.startsWith(`${one}/`))
    if (folder !== undefined) return { floor, folder }
  }
  return undefined
}

function impurities(file: SourceFile): string[] {
  const code = file.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replaceAll(/'[^'\n]*'/g, "''")
  const names = /\b(Date\.now|new Date\(|Math\.random|setTimeout|setInterval|process\.|Buffer\.|crypto\.|fetch\()/.exec(
    code,
  )
  const foreign = file.imports.filter((name) => !name.startsWith('server/'))
  return [
    ...foreign.map((name) => `${file.path} imports ${name}`),
    ...(names === null ? [] : [`${file.path} uses ${names[0]}`]),
  ]
}
