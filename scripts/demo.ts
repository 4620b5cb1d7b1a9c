/**
 * `npm run demo`: a virtual machine with real firmware network-boots on a private network from the real server and gets
 * Debian, while the page shows it. This half prepares everything, keeps the page reachable from this machine's
 * browser, and starts the other half (lab/demo-site.ts) inside a network namespace that nothing else can see.
 */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../server/caught-error.ts'
import { buildConsole } from './build-console.ts'
import { prepareBootImage, prepareOperatingSystem } from './prepare-images.ts'
import { findIsolation } from './private-network.ts'
import { root } from './root.ts'
import { ensureSystemPackages, printIncomplete } from './system-packages.ts'

const firmware = process.argv.includes('--uefi') ? 'uefi' : 'bios'
const preferredPort = 8_080

const packages = await ensureSystemPackages('demo')
if (packages.kind === 'incomplete') fail(`the demo cannot run yet. ${printIncomplete(packages)}`)
// Asked before the images are built: nobody should wait minutes to hear that it cannot be.
const isolation = findIsolation()
if (isolation.kind === 'impossible') fail(`the demo needs a private network: ${isolation.reason}`)
await buildConsole()
try {
  await prepareBootImage('virtual')
  await prepareOperatingSystem()
} catch (error) {
  fail(`an image for the demo could not be built: ${messageOf(error)}`)
}

const directory = await mkdtemp(join(tmpdir(), 'reveille-demo-'))
const socket = join(directory, 'page.sock')
const ticket = randomBytes(16).toString('hex')
const port = await forwardPage(socket)
console.log(`\nWatch it at http://127.0.0.1:${port}/#ticket=${ticket}   (signs you in, once)\n`)

const [program, ...args] = [
  ...isolation.prefix,
  process.execPath,
  join(root, 'scripts/lab/demo-site.ts'),
  directory,
  firmware,
  `http://127.0.0.1:${port}`,
]
const site = spawn(program, args, {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, REVEILLE_DEMO_TICKET: ticket },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => site.kill('SIGKILL'))
const [code] = (await once(site, 'exit')) as [number | null]
await rm(directory, { recursive: true, force: true })
process.exit(code ?? 1)

function fail(reason: string): never {
  console.error(`reveille: ${reason}`)
  process.exit(1)
}

/** The page's server lives in the namespace; a Unix socket is the one thing both sides can reach. */
async function forwardPage(path: string): Promise<number> {
  const server = createServer((browser) => {
    const page = connect(path)
    browser.pipe(page).pipe(browser)
    const close = (): void => {
      browser.destroy()
      page.destroy()
    }
    for (const side of [browser, page]) side.on('error', close).on('close', close)
  })
  const listen = async (wanted: number): Promise<void> => {
    server.listen(wanted, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(preferredPort).catch(() => listen(0))
  return (server.address() as AddressInfo).port
}
