/** What an upgrade changes in the sources of packages, as text. */

import test from 'ava'
import { countChanges, moveSources, parseInstalledRelease } from '../../bootstrap/debian-release.ts'

test('the release is read from os-release', (t) => {
  t.deepEqual(parseInstalledRelease('ID=debian\nVERSION_CODENAME=bookworm\n'), { isDebian: true, codename: 'bookworm' })
  t.deepEqual(parseInstalledRelease('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME="wilma"\n'), {
    isDebian: true,
    codename: 'wilma',
  })
  t.deepEqual(parseInstalledRelease('ID=fedora\n'), { isDebian: false, codename: '' })
})

/** A line, and what becomes of it on the way from bookworm to trixie. */
const lines = [
  ['deb http://a.example/debian bookworm main', 'deb http://a.example/debian trixie main'],
  [
    'deb [arch=amd64] http://a.example/debian bookworm-updates main',
    'deb [arch=amd64] http://a.example/debian trixie-updates main',
  ],
  ['deb-src http://a.example/s bookworm/updates main', 'deb-src http://a.example/s trixie/updates main'],
  ['Suites: bookworm bookworm-security', 'Suites: trixie trixie-security'],
  ['deb http://bookworm.example/bookworm stable main', 'deb http://bookworm.example/bookworm stable main'],
  ['# deb http://a.example/debian bookworm main', '# deb http://a.example/debian bookworm main'],
  ['deb http://a.example/debian bookwormish main', 'deb http://a.example/debian bookwormish main'],
  ['Components: bookworm', 'Components: bookworm'],
] as const

for (const [before, after] of lines) {
  test(`${before} becomes ${before === after ? 'nothing else' : after}`, (t) => {
    t.is(moveSources(`${before}\n`, 'bookworm', 'trixie'), `${after}\n`)
  })
}

test('a simulation says how much would change', (t) => {
  t.deepEqual(countChanges('Reading\nInst a [1] (2)\nRemv b [1]\nInst c (1)\nConf a\n'), { installed: 2, removed: 1 })
})
