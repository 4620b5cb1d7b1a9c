/** Our archives judged by Debian's cpio, and its archives read by us. */

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import * as fc from 'fast-check'
import { decodeNewcArchive, encodeNewcArchive, type ArchiveEntry } from '../../../media/boot-image/newc-archive.ts'

const mtimeSeconds = 1_686_355_200

const name = fc.stringMatching(/^[a-z0-9 _.+-]{0,20}[a-zé0-9]$/)
// A folder of the archive stays writable, or cpio without root could not put files into it.
const node = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    mode: fc.constantFrom(0o644, 0o755, 0o600),
    data: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({ kind: fc.constant('link' as const), target: fc.stringMatching(/^\/?[a-z]{1,8}(\/[a-z]{1,8}){0,3}$/) }),
)
const trees = fc
  .dictionary(name, fc.oneof(node, fc.dictionary(name, node, { maxKeys: 4 })), { maxKeys: 6 })
  .map((tree) => Object.entries(tree).flatMap(([name, value]) => entriesOf(name, value)))

type Leaf = { kind: 'file'; mode: number; data: Uint8Array } | { kind: 'link'; target: string }

function entriesOf(name: string, value: Leaf | Record<string, Leaf>): ArchiveEntry[] {
  if (isLeaf(value)) return [{ ...value, name }]
  const below = Object.entries(value).map(([child, leaf]) => ({ ...leaf, name: `${name}/${child}` }))
  return [{ kind: 'directory', name, mode: 0o755 }, ...below]
}

function isLeaf(value: Leaf | Record<string, Leaf>): value is Leaf {
  return typeof value['kind'] === 'string'
}

function withFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'reveille-newc-'))
  try {
    use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('cpio unpacks what was encoded: names, contents, permissions and links', (t) => {
  fc.assert(
    fc.property(trees, (entries) => {
      withFolder((folder) => {
        const input = encodeNewcArchive(entries, mtimeSeconds)
        execFileSync('cpio', ['--extract', '--quiet', '--no-preserve-owner'], { cwd: folder, input })
        for (const entry of entries) t.deepEqual(readEntry(folder, entry.name), entry)
      })
    }),
    { numRuns: 30 },
  )
})

test('what cpio wrote is decoded to what it was given', (t) => {
  fc.assert(
    fc.property(trees, (entries) => {
      withFolder((folder) => {
        for (const entry of entries) writeEntry(folder, entry)
        const input = entries.map((entry) => `${entry.name}\0`).join('')
        const archive = execFileSync('cpio', ['--create', '--null', '--format=newc', '--quiet'], { cwd: folder, input })
        t.deepEqual(decodeNewcArchive(archive), entries)
      })
    }),
    { numRuns: 30 },
  )
})

test('device nodes need no privilege and cpio lists them as root’s, with their numbers', (t) => {
  const input = encodeNewcArchive(
    [{ kind: 'character-device', name: 'console', mode: 0o600, major: 5, minor: 1 }],
    mtimeSeconds,
  )
  const listed = execFileSync('cpio', ['--list', '--verbose', '--numeric-uid-gid', '--quiet'], {
    input,
    encoding: 'utf8',
  })
  t.regex(listed, /^crw-------\s+1 0\s+0\s+5,\s+1 .*console\n$/)
})

test('equal entries give equal octets, and all of them come back', (t) => {
  fc.assert(
    fc.property(trees, (entries) => {
      const octets = encodeNewcArchive(entries, mtimeSeconds)
      t.deepEqual(encodeNewcArchive(entries, mtimeSeconds), octets)
      t.deepEqual(decodeNewcArchive(octets), entries)
    }),
  )
})

test('an archive that is cut off is refused', (t) => {
  const octets = encodeNewcArchive(
    [{ kind: 'file', name: 'init', mode: 0o755, data: new Uint8Array(64) }],
    mtimeSeconds,
  )
  t.throws(() => decodeNewcArchive(octets.subarray(0, 140)), { message: /cut off/ })
  t.throws(() => decodeNewcArchive(octets.subarray(0, -124)), { message: /no newc header/ })
})

function readEntry(folder: string, name: string): ArchiveEntry {
  const path = join(folder, name)
  const status = lstatSync(path)
  if (status.isSymbolicLink()) return { kind: 'link', name, target: readlinkSync(path) }
  const mode = status.mode & 0o7777
  if (status.isDirectory()) return { kind: 'directory', name, mode }
  return { kind: 'file', name, mode, data: Uint8Array.from(readFileSync(path)) }
}

function writeEntry(folder: string, entry: ArchiveEntry): void {
  const path = join(folder, entry.name)
  if (entry.kind === 'directory') mkdirSync(path)
  else if (entry.kind === 'link') symlinkSync(entry.target, path)
  else if (entry.kind === 'file') writeFileSync(path, entry.data)
  if (entry.kind === 'directory' || entry.kind === 'file') chmodSync(path, entry.mode)
}
