/** A folder that changes while it is sent: what is sent is what was found, or the sending fails with the file's name. */

import { appendFile, mkdtemp, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import { findContentSource } from '../../server/cli/content-source.ts'
import { tarOf } from '../support/root-archive.ts'

async function folderWith(t: ExecutionContext, text: string): Promise<{ folder: string; file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'reveille-source-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'a.bin')
  await writeFile(file, text)
  return { folder, file }
}

test('the same folder is the same archive every time, and a file that grows is sent as it was found', async (t) => {
  const { folder, file } = await folderWith(t, 'before')
  const source = await findContentSource(folder)
  await appendFile(file, ' and after')
  const { octets, done } = source.open()
  const expected = await tarOf([{ name: 'a.bin', text: 'before', mode: 0o644 }])
  t.deepEqual(await buffer(octets), expected)
  await done
})

test('a file that becomes shorter, or goes, is named', async (t) => {
  const { folder, file } = await folderWith(t, 'before')
  const source = await findContentSource(folder)
  await truncate(file, 2)
  const short = source.open()
  await Promise.all([
    t.throwsAsync(short.done, { message: /a\.bin became shorter while it was read/ }),
    t.throwsAsync(buffer(short.octets)),
  ])
  await unlink(file)
  const gone = source.open()
  await Promise.all([
    t.throwsAsync(gone.done, { message: /a\.bin cannot be read/ }),
    t.throwsAsync(buffer(gone.octets)),
  ])
})

test('an archive that goes before it is read is named', async (t) => {
  const { file } = await folderWith(t, 'tar')
  const source = await findContentSource(file)
  t.is(source.sentBytes, 3)
  await unlink(file)
  const { octets, done } = source.open()
  await Promise.all([t.throwsAsync(done, { message: /a\.bin cannot be read/ }), t.throwsAsync(buffer(octets))])
})
