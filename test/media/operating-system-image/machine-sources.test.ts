/** Which of a machine’s package sources go into an operating system image. */

import test from 'ava'
import { selectLines, selectStanzas } from '../../../media/operating-system-image/machine-sources.ts'

test('lines of the release are kept, those of other publishers and of sources are not', (t) => {
  const text = [
    'deb http://mirror.example/debian bookworm main',
    '# deb http://mirror.example/debian bookworm contrib',
    'deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/security bookworm-security main',
    'deb-src http://mirror.example/debian bookworm main',
    'deb http://cloud.example/apt cloud-sdk-bookworm main',
    'deb http://mirror.example/debian trixie main',
  ].join('\n')
  t.is(
    selectLines(text, 'bookworm'),
    'deb http://mirror.example/debian bookworm main\n' +
      'deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/security bookworm-security main\n',
  )
})

test('stanzas of the release are kept, those switched off are not', (t) => {
  const kept = 'Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main'
  const text = [
    `# a snapshot\n${kept}`,
    'Types: deb\nURIs: http://other.example/node\nSuites: nodistro\nComponents: main',
    `Enabled: no\n${kept}`,
    'Types: deb-src\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main',
  ].join('\n\n')
  t.is(selectStanzas(text, 'bookworm'), `${kept}\n\n`)
})
