/** `./reveille load` on a host of its own, as an administrator would run it: the whole way of a machine, DHCP and TFTP included. */

import test from 'ava'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { metric } from '../../../scripts/lab/metrics.ts'
import { addBridge, addHost, assertPrivateNetwork, removeLink } from '../../../scripts/lab/network.ts'
import { startServer } from '../../../scripts/lab/server-process.ts'
import { deployToUnknown } from '../../../scripts/lab/site-setup.ts'

await assertPrivateNetwork()
const directory = await mkdtemp(join(tmpdir(), 'reveille-load-'))
const bridge = await addBridge('rv-load', ['10.81.0.1/24'])
const flags = ['--interface', bridge.name, '--unknown-computers', 'allow', '--log-level', 'warn']
const start = (mode: readonly string[]) =>
  startServer({ dataDirectory: join(directory, 'data'), http: '10.81.0.1:8080', flags: [...flags, ...mode] })
// As many addresses as machines are on their way at one time: more of them come through only when leases are given back.
let server = await start(['--dhcp', 'full', '--pool', '10.81.0.100-10.81.0.109'])
const host = await addHost('crowd', [{ bridge, address: '10.81.0.2/24' }])
await deployToUnknown(server, directory)

test.after.always(async () => {
  await host.stop()
  await server.stop()
  await removeLink(bridge.name)
  await rm(directory, { recursive: true })
})

async function load(...words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const cli = [process.execPath, 'server/cli.ts', '--server', 'http://10.81.0.1:8080', '--json', 'load', ...words]
  const [program = '', ...rest] = [...host.prefix, ...cli]
  const env = { ...process.env, REVEILLE_ADMIN_TOKEN: server.token }
  return new Promise((resolve) => {
    execFile(program, rest, { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
    })
  })
}

const against = ['--against', '10.81.0.1', '--yes-against', '10.81.0.1']

test.serial('nothing is sent to a site that was not named', async (t) => {
  const before = await metric(server, 'reveille_http_requests_total')
  const ended = await load('--machines', '5')
  t.is(ended.code, 1)
  t.regex(ended.err, /10\.81\.0\.1 is not this machine/)
  t.is(await metric(server, 'reveille_http_requests_total'), before + 1, 'the question for the number alone')
})

test.serial('thirty machines come through with ten addresses, because leases are given back', async (t) => {
  const ended = await load(...against, '--machines', '30', '--at-once', '10')
  t.is(ended.code, 0, `${ended.out}${ended.err}`)
  const summary = JSON.parse(ended.out) as {
    arrived: object
    stages: readonly { stage: string; count: number }[]
  }
  t.deepEqual(summary.arrived, { 'said hello': 30 })
  t.deepEqual(
    summary.stages.map(({ stage, count }) => `${stage} ${count}`),
    ['DHCP 30', 'TFTP 30', 'script 30', 'files 30', 'hello 30', 'whole way 30'],
  )
})

test.serial('beside another DHCP server there are no leases, and the way is the same', async (t) => {
  await server.stop()
  server = await start(['--dhcp', 'proxy'])
  const ended = await load(...against, '--machines', '5', '--at-once', '5')
  t.is(ended.code, 0, `${ended.out}${ended.err}`)
  t.like(JSON.parse(ended.out), { arrived: { 'said hello': 5 } })
})
