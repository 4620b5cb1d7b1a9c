/**
 * Starts a TypeScript file of this project on the pinned runtime: `node scripts/launch.mjs scripts/start.ts …`.
 * This file alone must run on the old Node of a fresh Debian machine (18 and later): it installs the npm packages
 * when they are missing or the lock has changed, then hands over to Node 24 from node_modules.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stampFile = join(root, 'node_modules', '.reveille-lock-sha256')

const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== lockHash) installPackages()

const [file, ...args] = process.argv.slice(2)
if (file === undefined) fail('usage: node scripts/launch.mjs FILE.ts [arguments]')
const runtime = findRuntime()
const child = spawn(runtime, ['--disable-proto=delete', resolve(root, file), ...args], {
  stdio: 'inherit',
  env: { ...process.env, PATH: [dirname(runtime), join(root, 'node_modules', '.bin'), process.env.PATH].join(':') },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => fail(`cannot start ${runtime}: ${error.message}`))
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})

function installPackages() {
  console.error('reveille: installing npm packages as locked (about a minute the first time) …')
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...asNode24() },
  })
  if (result.error)
    fail(`npm is needed and could not be started (${result.error.message}). On Debian: apt-get install npm`)
  if (result.status !== 0) fail('npm ci failed; see above. Is the npm registry reachable from here?')
  writeFileSync(stampFile, lockHash)
}

/**
 * npm on an old Node leaves out optional packages that want a newer one, without a word: the native parts of our tools,
 * which only ever run on the runtime that is installed with them. So npm is told that version.
 */
function asNode24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return {}
  const preload = 'data:text/javascript,Object.defineProperty(process,"version",{value:"v24.12.0"})'
  return { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${preload.replaceAll('"', "'")}` }
}

/** The pinned runtime; a system Node serves where it is at least as new (type stripping is stable since 24.12). */
function findRuntime() {
  // Not through node_modules/.bin: npm 9 takes that link away with the runtimes of other platforms.
  const pinned = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')
  if (existsSync(pinned)) return pinned
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 12)) return process.execPath
  return fail(
    `no Node of version 24.12 or newer: this one is ${process.versions.node}, and npm installed none for ${process.platform} ${process.arch}`,
  )
}

function fail(message) {
  console.error(`reveille: ${message}`)
  process.exit(1)
}
