/**
 * The half of the demo that lives in the private network: the server as the network's DHCP server, a deployment,
 * one virtual machine. Ends with the report that the installed system gave.
 */

import { createServer, connect } from 'node:net'
import { join } from 'node:path'
import type { Lane } from '../../server/contract/progress.ts'
import { bootImageDirectory, operatingSystemArchive, readBuiltBootImage } from '../prepare-images.ts'
import { addBridge, assertPrivateNetwork } from './network.ts'
import { startServer } from './server-process.ts'
import {
  addBootImage,
  addOperatingSystemImage,
  deployRequired,
  readSequence,
  readOutput,
  waitForLane,
} from './site-setup.ts'
import { startVirtualMachine } from './virtual-machine.ts'

const [directory = '', firmware = 'bios', origin = ''] = process.argv.slice(2)
const macAddress = '52:54:00:72:76:01'
const gaveUpAfterMs = 20 * 60_000

await assertPrivateNetwork()
const bridge = await addBridge('rv-demo', ['10.77.0.1/24'])
const server = await startServer({
  dataDirectory: join(directory, 'data'),
  http: '0.0.0.0:8080',
  flags: [
    '--interface',
    bridge.name,
    '--dhcp',
    'full',
    '--pool',
    '10.77.0.100-10.77.0.199',
    '--origin',
    origin,
    '--log-level',
    'info',
  ],
  environment: { REVEILLE_LOGIN_TICKET: process.env['REVEILLE_DEMO_TICKET'] ?? '' },
})
showPageOn(join(directory, 'page.sock'))

const bootImageId = await addBootImage(
  server,
  'Demo boot image',
  await readBuiltBootImage(bootImageDirectory('virtual')),
)
const image = await addOperatingSystemImage(server, 'Debian', operatingSystemArchive)
const sequence = await readSequence('debian', { image })
await deployRequired(server, { name: 'demo-1', macAddress, bootImageId, sequence })

console.log(
  `A virtual machine (${firmware === 'uefi' ? 'UEFI' : 'BIOS'}, software emulation: allow some minutes) starts from the network.`,
)
const machine = await startVirtualMachine({
  name: 'demo',
  directory,
  bridge,
  macAddress,
  firmware: firmware === 'uefi' ? 'uefi' : 'bios',
  disk: { file: join(directory, 'demo.disk'), megabytes: 4_096 },
})
let told = ''
const lane = await waitForLane(server, { macAddress, wanted: tell, timeoutMs: gaveUpAfterMs }).catch(
  (error: unknown) => {
    console.error(`reveille: ${String(error)}\n${machine.serial().slice(-3_000)}`)
    return undefined
  },
)
const output = lane?.condition === 'succeeded' ? await readOutput(server, lane.run?.runId ?? '') : []
const report = output.find((line) => line.startsWith('REPORT '))
if (report !== undefined) console.log(`\nThe installed system reports: ${report.slice('REPORT '.length)}\n`)
await machine.stop()
await server.stop()
process.exit(report === undefined ? 1 : 0)

function tell({ stage, text }: Lane): boolean {
  const now = `${stage}: ${text}`
  if (now !== told) console.log(`  ${now}`)
  told = now
  return stage === 'done'
}

function showPageOn(path: string): void {
  const relay = createServer((browser) => {
    const page = connect(8_080, '127.0.0.1')
    browser.pipe(page).pipe(browser)
    for (const side of [browser, page]) side.on('error', () => [browser, page].map((one) => one.destroy()))
  })
  relay.listen(path)
}
