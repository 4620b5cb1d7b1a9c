/** The parts of an image that need no package: the agent's bundle, the overlay, and the compression. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import test from 'ava'
import { bundleAgent } from '../../../media/boot-image/agent-bundle.ts'
import { overlayFolder } from '../../../media/boot-image/image-inputs.ts'
import { ImageTree } from '../../../media/boot-image/image-tree.ts'
import { compressLayer } from '../../../media/boot-image/layer-compression.ts'

test('a layer larger than a compression job is compressed whole, to equal octets each time', async (t) => {
  const data = new Uint8Array(12_000_000).map((_, index) => (index * index) >>> 7)
  const first = await compressLayer(data, 3)
  const second = await compressLayer(data, 3)
  t.deepEqual(first, second)
  t.true(zstdDecompressSync(first).equals(data))
})

test('the agent becomes one file of JavaScript, equal wherever its sources lie', async (t) => {
  const folders = ['a', 'b'].map((name) => mkdtempSync(join(tmpdir(), `reveille-bundle-${name}-`)))
  t.teardown(() => {
    for (const folder of folders) rmSync(folder, { recursive: true })
  })
  const bundles = await Promise.all(
    folders.map((folder) => {
      writeFileSync(join(folder, 'greeting.ts'), "export const greeting: string = 'ready'\n")
      writeFileSync(join(folder, 'main.ts'), "import { greeting } from './greeting.ts'\nconsole.log(greeting)\n")
      return bundleAgent(join(folder, 'main.ts'))
    }),
  )
  t.deepEqual(bundles[0], bundles[1])
  const file = join(folders[0] ?? '', 'agent.mjs')
  writeFileSync(file, bundles[0] ?? '')
  t.is(execFileSync(process.execPath, [file], { encoding: 'utf8' }), 'ready\n')
})

test('every file laid over the image has a parent before it, and scripts are sound and executable', async (t) => {
  const tree = new ImageTree()
  await tree.copy(overlayFolder, '/')
  const seen = new Set(['.'])
  for (const entry of tree.entries()) {
    t.true(seen.has(entry.name.split('/').slice(0, -1).join('/') || '.'), entry.name)
    seen.add(entry.name)
    if (entry.kind !== 'file' || !new TextDecoder().decode(entry.data).startsWith('#!')) continue
    t.is(entry.mode, 0o755, entry.name)
    t.notThrows(() => execFileSync('sh', ['-n'], { input: entry.data }), entry.name)
  }
  t.true(['init', 'etc/udhcpc/default.script', 'usr/lib/reveille/reveille-agent'].every((name) => seen.has(name)))
})
