/** The server as a process: told to stop while it starts, it ends as it does later. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../scripts/root.ts'
import { waitUntil } from '../scripts/wait-for.ts'

async function freePorts(): Promise<{ readonly http: number; readonly tftp: number }> {
  const tcp = createServer().listen(0, '127.0.0.1')
  const udp = createSocket('udp4').bind(0, '127.0.0.1')
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')])
  const bound = tcp.address()
  const http = typeof bound === 'object' && bound !== null ? bound.port : 0
  const tftp = udp.address().port
  tcp.close()
  udp.close()
  return { http, tftp }
}

async function whenHealthy(server: ChildProcess, http: number): Promise<void> {
  const isHealthy = async (): Promise<boolean> =>
    server.exitCode !== null || (await fetch(`http://127.0.0.1:${http}/healthz`).catch(() => undefined))?.ok === true
  await waitUntil('the server to become healthy', isHealthy, { withinMs: 30_000, everyMs: 5 })
}

for (const delayMs of [0, 40, 120, 300]) {
  test.serial(`${delayMs} ms after the first answer, while other services begin, it may be told to stop`, async (t) => {
    const data = await mkdtemp(join(tmpdir(), 'reveille-stop-'))
    t.teardown(() => rm(data, { recursive: true }))
    const { http, tftp } = await freePorts()
    const services = [
      '--http',
      `127.0.0.1:${http}`,
      '--tftp-port',
      String(tftp),
      '--dhcp',
      'off',
      '--boot-server-port',
      '0',
    ]
    const words = [join(root, 'server/main.ts'), '--data', data, ...services]
    const server = spawn(process.execPath, words, { stdio: 'ignore' })
    t.teardown(() => server.kill('SIGKILL'))
    const ended = once(server, 'exit')
    await whenHealthy(server, http)
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    server.kill('SIGTERM')
    const late = setTimeout(() => server.kill('SIGKILL'), 30_000)
    t.deepEqual(await ended, [0, null])
    clearTimeout(late)
  })
}
