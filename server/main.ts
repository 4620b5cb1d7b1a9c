/**
 * The composition root: settings -> store and content -> listeners and pages -> an orderly end. It wires and decides
 * nothing. A service that cannot have its port is reported with what to do, and the rest runs.
 */

import { once } from 'node:events'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Registry } from 'prom-client'
import { readConfig } from './config.ts'
import type { Config } from './config.ts'
import { ContentError } from './content/content-error.ts'
import { ContentLibrary } from './content/content-library.ts'
import { openMediaKey } from './content/media-key.ts'
import { UserStateFolder } from './content/user-state-folder.ts'
import { prepareDataDirectory } from './data-directory.ts'
import { DistributionPointError } from './distribution-point/distribution-point-error.ts'
import { runDistributionPoint } from './distribution-point/run-distribution-point.ts'
import { createSetupCode } from './http/token.ts'
import type { Log } from './listen/log-port.ts'
import { createLog } from './log.ts'
import { LoadMeter, measureEveryMs } from './metrics/load-meter.ts'
import { LoopDelayMeter } from './metrics/loop-delay.ts'
import { showProcess } from './metrics/process-metrics.ts'
import { openNetworkServices, openWaker } from './network-services.ts'
import { abandonSilentRuns } from './schedule/abandon-silent-runs.ts'
import { collectContent } from './schedule/collect-content.ts'
import { endOverdueRuns } from './schedule/end-overdue-runs.ts'
import { forgetExpired } from './schedule/forget-expired.ts'
import { forgetStrangers } from './schedule/forget-strangers.ts'
import { Secret } from './secret.ts'
import { forgetUserState } from './schedule/forget-user-state.ts'
import { wakeUpMachines } from './schedule/wake-up-machines.ts'
import { raiseAlerts } from './schedule/raise-alerts.ts'
import { runSchedule } from './schedule/run-schedule.ts'
import { showStore } from './store-metrics.ts'
import { openStore } from './store/sqlite-store.ts'
import { StoreError } from './store/store-error.ts'
import { usage } from './usage.ts'
import { adoptBuiltBootImages, openWebServices } from './web-services.ts'

// Else what is made for each packet goes to the old generation, because in the first busy seconds it lived long (decision 0002).
setFlagsFromString('--no-allocation-site-pretenuring')

const result = readConfig(process.argv.slice(2), process.env)
if (result.kind === 'help') {
  console.log(usage)
  process.exit(0)
}
if (result.kind === 'faults') {
  for (const fault of result.faults) console.error(`reveille: ${fault}`)
  process.exit(2)
}
await begin(result.config)

async function begin(config: Config): Promise<void> {
  const log = createLog(config.logLevel, process.stdout.isTTY)
  const stop = new AbortController()
  // A terminal sends Ctrl-C to npm, to the launcher and to us, and the first two pass it on: the second one must not cut the end short.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort())

  const obstacle = await prepareDataDirectory(config.dataDirectory)
  if (obstacle !== undefined) {
    console.error(`reveille: ${obstacle}`)
    process.exit(1)
  }
  const nowMs = (): number => Date.now()
  const { signal } = stop
  const { distributionPoint: point } = config
  if (point === undefined) await runSite({ config, log, nowMs, stop: signal })
  else await runDistributionPoint({ config, point, log, now: nowMs, signal }).catch(giveUp)
}

interface Process {
  readonly config: Config
  readonly log: Log
  readonly nowMs: () => number
  readonly stop: AbortSignal
}

async function runSite({ config, log, nowMs, stop }: Process): Promise<void> {
  const { databaseFile, siteCode, leaseSync } = config
  const identifierPresets = {
    duplicateIdentifiers: new Set(config.duplicateIdentifiers),
    ignoredMacAddresses: new Set(config.ignoredMacAddresses),
  }
  const store = await openStore({ databaseFile, siteCode, leaseSync, identifierPresets, nowMs }).catch(giveUp)
  const library = await ContentLibrary.open({ directory: join(config.dataDirectory, 'content') })
  const userState = new UserStateFolder(join(config.dataDirectory, 'content/user-state'))
  const mediaKey = await openMediaKey(config.dataDirectory).catch(giveUp)
  const metrics = new Registry()
  const loop = new LoopDelayMeter()
  const load = new LoadMeter()
  showProcess(metrics, loop)
  showStore(metrics, store)
  const setupCode = (await store.administratorExists()) ? undefined : new Secret(createSetupCode())
  await adoptBuiltBootImages(config, { store, library, log })

  const shared = {
    config,
    store,
    library,
    userState,
    mediaKey,
    log,
    metrics,
    load,
    nowMs,
    ...(setupCode === undefined ? {} : { setupCode }),
  }
  const waker = await openWaker(shared)
  const web = await openWebServices({ ...shared, wake: waker.wake })
  const network = await openNetworkServices({
    ...shared,
    addresses: web.addresses,
    bootFiles: web.bootFiles,
    signal: stop,
  }).catch((error: unknown) => {
    // Told to stop before it had begun.
    if (stop.aborted) return undefined
    throw error
  })
  load.add(() => ({ loop: loop.newest, store: store.work(), ...web.reading(), ...network?.reading() }))
  const measuring = setInterval(() => load.measure(performance.now()), measureEveryMs)
  const silence = { silentMs: config.runSilenceHours * 3_600_000, listeningSinceMs: nowMs() }
  const jobs = [
    collectContent(store, library),
    forgetExpired(store),
    forgetStrangers(store),
    abandonSilentRuns(store, silence),
    endOverdueRuns(store, silence.listeningSinceMs),
    raiseAlerts(store),
    forgetUserState(store, userState),
    wakeUpMachines(store, waker.wake),
  ]
  const schedule = runSchedule({ jobs, signal: stop, log, nowMs })
  const hasPage = web.services.length > 0
  log.info(`Reveille is ready${hasPage ? `. Page and API: ${web.url}` : ', but without page and API'}`, {
    dhcp: config.dhcpMode,
    services: [...web.services, ...(network?.services ?? [])],
  })
  // On standard error only: a log that is shipped elsewhere must not carry it.
  // Not for a page that is another program's.
  if (setupCode !== undefined && hasPage)
    console.error(`\n  Open ${web.url} and make the first administrator with the set-up code  ${setupCode.reveal()}\n`)

  if (!stop.aborted) await once(stop, 'abort')
  log.info('stopping: running downloads may finish for some seconds')
  clearInterval(measuring)
  loop.close()
  await network?.close()
  await web.close()
  await schedule.ended
  await waker.close()
  await store.close()
}

/** A database, a port or a token that cannot be had is a sentence for the administrator; anything else is our own fault and keeps its stack. */
function giveUp(error: unknown): never {
  if (!(error instanceof StoreError || error instanceof ContentError || error instanceof DistributionPointError))
    throw error
  console.error(`reveille: ${error.message}`)
  process.exit(1)
}
