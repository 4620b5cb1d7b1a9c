/** `npm start`: prepares what the server needs on this machine, then becomes the server (server/main.ts). */

import { join } from 'node:path'
import { messageOf } from '../server/caught-error.ts'
import { readConfig } from '../server/config.ts'
import { prepareDataDirectory } from '../server/data-directory.ts'
import { buildConsole } from './build-console.ts'
import { prepareBootImage } from './prepare-images.ts'
import { ensureSystemPackages, printIncomplete } from './system-packages.ts'

const result = readConfig(process.argv.slice(2), process.env)
// Settings that are wrong, a data directory that cannot be used, and --help are answered by the server itself.
// A distribution point needs none of it.
const isSite = result.kind === 'config' && result.config.distributionPoint === undefined
if (isSite && (await prepareDataDirectory(result.config.dataDirectory)) === undefined) {
  const report = await ensureSystemPackages('start')
  if (report.kind === 'incomplete') console.error(printIncomplete(report))
  await buildConsole()
  await buildBootImage(result.config.dataDirectory)
}
await import('../server/main.ts')

/** Without a boot image the server still answers, serves and shows; it says that machines have nothing to boot. */
async function buildBootImage(dataDirectory: string): Promise<void> {
  try {
    await prepareBootImage('full', join(dataDirectory, 'boot-images/x64'))
  } catch (error) {
    console.error(`reveille: the boot image could not be built: ${messageOf(error)}`)
    console.error('reveille: starting without it; it is tried again at the next start')
  }
}
