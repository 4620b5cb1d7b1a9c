/** One server at a time has a database, and a killed one leaves nothing in the way. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { claimSoleUse } from '../../server/store/sole-use.ts'

test('a second server on one database is refused with what to do; a killed one makes room', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'reveille-sole-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const file = join(directory, 'site.sqlite')
  const source = `import { claimSoleUse } from '${new URL('../../server/store/sole-use.ts', import.meta.url).pathname}'
    claimSoleUse(process.argv[1]); console.log('mine'); setInterval(() => {}, 1000)`
  const other = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(other.stdout, 'data')
  t.throws(() => claimSoleUse(file), { message: /another server is using .*site\.sqlite; stop it first/ })
  other.kill('SIGKILL')
  await once(other, 'exit')
  const release = claimSoleUse(file)
  t.throws(() => claimSoleUse(file), { message: /another server/ })
  release()
  release()
  claimSoleUse(file)()
})
