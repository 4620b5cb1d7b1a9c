/**
 * The page and a server that is killed: the real program as a process, kill -9, and the same data again. The page comes
 * back by itself; what it was sent is read from its own WebSocket frames.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { Page } from 'playwright-core'
import { buildConsole } from '../../scripts/build-console.ts'
import { type ServerProcess, startServer } from '../../scripts/lab/server-process.ts'
import type { ProgressFrame } from '../../server/contract/progress.ts'
import { ScriptedAgent } from '../support/scripted-agent.ts'
import { openPage, startBrowser } from './console-browser.ts'
import { deployTo } from './console-site.ts'

const macAddress = '52:54:00:c0:10:01'
const ticket = 'a-ticket-for-one-browser'

test('WS-13, WS-17: a server that is killed and started again finds the page back, nothing missed, nothing twice', async (t) => {
  await buildConsole()
  const directory = await mkdtemp(join(tmpdir(), 'reveille-console-'))
  const http = `127.0.0.1:${await freePort()}`
  const start = async (): Promise<ServerProcess> =>
    startServer({
      dataDirectory: directory,
      http,
      flags: ['--dhcp', 'off', '--tftp-port', '0', '--boot-server-port', '0'],
      environment: { REVEILLE_LOGIN_TICKET: ticket },
    })
  let server = await start()
  const browser = await startBrowser()
  try {
    await deployTo((method, path, body) => server.call(method, `/api/v1${path}`, body), [{ name: 'pc-1', macAddress }])
    const agent = new ScriptedAgent(server.url, macAddress)
    await agent.begin()
    const { page, context } = await openPage(browser)
    const frames = recordFrames(page)
    await page.goto(`${server.url}/#ticket=${ticket}`)
    await page.getByRole('link', { name: 'pc-1' }).click()
    const log = page.getByRole('region', { name: 'Log' })
    let told = 0
    const say = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        told += 1
        await agent.report({ kind: 'output', stream: 'stdout', lines: [`line ${told}.`] })
      }
    }
    await say(20)
    await log.getByText('line 20.').waitFor()
    const loads = await page.evaluate('performance.timeOrigin')

    for (let kill = 1; kill <= 2; kill++) {
      await server.kill()
      await page.locator('.line-broken').waitFor()
      server = await start()
      // While the page waits for its turn, the machine goes on.
      await say(10)
      await page.locator('.line-live').waitFor({ timeout: 5_000 })
      await say(10)
      await log.getByText(`line ${told}.`).waitFor()
    }

    const lines = [...((await log.textContent()) ?? '').matchAll(/line (\d+)\./g)].map((match) => Number(match[1]))
    t.deepEqual(
      lines,
      Array.from({ length: told }, (_, index) => index + 1),
    )
    const seqs = frames.flatMap((frame) => (frame.kind === 'changes' ? frame.events.map((event) => event.seq) : []))
    t.deepEqual(
      seqs,
      [...new Set(seqs)].toSorted((a, b) => a - b),
    )
    t.is(seqs.length, told)
    t.is(frames.filter((frame) => frame.kind === 'snapshot').length, 1)
    t.is(await page.evaluate('performance.timeOrigin'), loads)

    // The cookie is gone while the line is down: the page asks why it is refused, and shows the sign-in.
    await server.kill()
    await context.clearCookies()
    await page.locator('.line-broken').waitFor()
    server = await start()
    await page.getByRole('alert').filter({ hasText: 'The session has ended.' }).waitFor()
    t.notRegex(await page.content(), /pc-1|line \d/)
  } finally {
    await browser.close()
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
})

function recordFrames(page: Page): ProgressFrame[] {
  const frames: ProgressFrame[] = []
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      frames.push(JSON.parse(payload.toString()) as ProgressFrame)
    })
  })
  return frames
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
