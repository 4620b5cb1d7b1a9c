/**
 * The composition root: settings -> store and content -> listeners and pages -> an orderly end. It wires and decides
 * nothing. A service that cannot have its port is reported with what to do, and the rest runs.
 */

import { randomInt } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { readConfig, usage } from './config.ts'
import type { Config } from './config.ts'
import { ContentLibrary } from './content/content-library.ts'
import { createLog } from './log.ts'
import { openNetworkServices } from './network-services.ts'
import { openStore } from './store/sqlite-store.ts'
import { adoptBuiltBootImages, openWebServices } from './web-services.ts'

const result = readConfig(process.argv.slice(2), process.env)
if (result.kind === 'help') {
  console.log(usage)
  process.exit(0)
}
if (result.kind === 'faults') {
  for (const fault of result.faults) console.error(`reveille: ${fault}`)
  process.exit(2)
}
await run(result.config)

async function run(config: Config): Promise<void> {
  const log = createLog(config.logLevel, process.stdout.isTTY)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

  await mkdir(config.dataDirectory, { recursive: true, mode: 0o750 })
  const nowMs = (): number => Date.now()
  const store = await openStore({ databaseFile: config.databaseFile, siteCode: config.siteCode, nowMs })
  const library = await ContentLibrary.open({ directory: join(config.dataDirectory, 'content') })
  const metrics = new Registry()
  const setupCode = (await store.administratorExists()) ? undefined : createSetupCode()
  await adoptBuiltBootImages(config, { store, library, log })

  const shared = { config, store, library, log, metrics, nowMs, ...(setupCode === undefined ? {} : { setupCode }) }
  const web = await openWebServices(shared)
  const network = await openNetworkServices({
    ...shared,
    addresses: web.addresses,
    bootFiles: web.bootFiles,
    signal: stop.signal,
  })
  log.info(`Reveille is ready. Page and API: ${web.url}`, {
    dhcp: config.dhcpMode,
    services: [...web.services, ...network.services],
  })
  // On standard error only: a log that is shipped elsewhere must not carry it.
  if (setupCode !== undefined)
    console.error(`\n  Open ${web.url} and make the first administrator with the set-up code  ${setupCode}\n`)

  await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
  log.info('stopping: running downloads may finish for some seconds')
  await network.close()
  await web.close()
  await store.close()
}

/** 12 letters of 32 are 60 bits; the login limit allows ten tries a minute (security A13). */
function createSetupCode(): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  const code = Array.from({ length: 12 }, () => letters[randomInt(letters.length)])
  return [code.slice(0, 4), code.slice(4, 8), code.slice(8)].map((part) => part.join('')).join('-')
}
