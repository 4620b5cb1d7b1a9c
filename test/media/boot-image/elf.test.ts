/** Our reading of ELF files, tried on the Node runtime itself. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath, version } from 'node:process'
import test from 'ava'
import { decodeElf, elfSection, withoutSymbols } from '../../../media/boot-image/elf.ts'

test('the libraries and the loader of the Node runtime are read', (t) => {
  const elf = decodeElf(readFileSync(execPath))
  t.regex(elf?.interpreter ?? '', /\/ld-linux-[^/]+$/)
  t.true(elf?.needed.includes('libc.so.6'))
  t.true(elf?.needed.includes('libstdc++.so.6'))
})

test('a runtime without symbols is smaller, equal each time, and runs', (t) => {
  const node = readFileSync(execPath)
  const stripped = withoutSymbols(node)
  t.true(stripped.length < node.length)
  const folder = mkdtempSync(join(tmpdir(), 'reveille-elf-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'octets'), stripped)
  // A program that another test starts while we write would have the file open, too, and what is written to cannot be run.
  execFileSync('install', ['--mode=755', join(folder, 'octets'), join(folder, 'node')])
  t.is(execFileSync(join(folder, 'node'), ['-p', 'process.version'], { encoding: 'utf8' }).trim(), version)
  t.is(elfSection(node, '.no-such-section'), undefined)
  t.true((elfSection(node, '.comment')?.length ?? 0) > 0)
})

test('text and short files are no ELF files', (t) => {
  t.is(decodeElf(new TextEncoder().encode(`#!/bin/sh\n${'#'.repeat(100)}`)), undefined)
  t.is(decodeElf(new Uint8Array(3)), undefined)
  t.is(elfSection(new Uint8Array(3), '.modinfo'), undefined)
})
