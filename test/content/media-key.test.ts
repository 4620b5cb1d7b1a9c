/** The site's key for media is made once, is nobody else's to read, and is never replaced unasked. */

import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { mediaKeyFile, openMediaKey } from '../../server/content/media-key.ts'
import { isSignedBy, rawPublicKey, signText } from '../../media/signed/site-key.ts'
import { temporaryDirectory } from '../store/open-test-store.ts'

test('the key is made once, for the server alone, and signs the same the next time', async (t) => {
  const directory = await temporaryDirectory(t)
  const made = await openMediaKey(directory)
  const path = join(directory, mediaKeyFile)
  t.is((await stat(path)).mode & 0o777, 0o600)
  t.deepEqual(await readdir(directory), [mediaKeyFile])
  const text = await readFile(path, 'utf8')
  const again = await openMediaKey(directory)
  t.is(await readFile(path, 'utf8'), text)
  t.true(isSignedBy(rawPublicKey(made), 'text', signText('text', again)))
})

test('a file that is no key stays, and the server says what to do', async (t) => {
  const directory = await temporaryDirectory(t)
  await writeFile(join(directory, mediaKeyFile), 'nonsense')
  await t.throwsAsync(openMediaKey(directory), {
    message: /holds no key for media .* Put the file back from a backup/s,
  })
  t.is(await readFile(join(directory, mediaKeyFile), 'utf8'), 'nonsense')
})
