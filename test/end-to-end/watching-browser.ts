/** A headless Chromium that signs in as the first administrator and watches the status page, from inside the lab's network. */

import type { ServerProcess } from '../../scripts/lab/server-process.ts'
import { startBrowser } from '../console/console-browser.ts'

export interface WatchingBrowser {
  waitForText(text: string): Promise<void>
  /** Which of these texts were on the page at any moment so far. */
  textsSeen(texts: readonly string[]): readonly string[]
  /** How often the page was loaded. */
  loads(): number
  close(): Promise<void>
}

export async function watchInBrowser(server: ServerProcess): Promise<WatchingBrowser> {
  const browser = await startBrowser()
  const page = await browser.newPage({ viewport: { width: 1_100, height: 560 } })
  const seen = new Set<string>()
  let loads = 0
  page.on('load', () => {
    loads += 1
  })
  await page.exposeFunction('reveilleSaw', (text: string) => void seen.add(text))
  await page.goto(server.url)
  await page.getByLabel(/Set-up code/).fill(setupCodeIn(server.log()))
  await page.getByLabel(/Password/).fill('correct horse battery staple')
  await page.getByRole('button', { name: 'Make administrator' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
  // A string, because this runs in the page, where our types do not reach.
  await page.evaluate(`new MutationObserver(() => {
    for (const line of document.querySelectorAll('.now')) window.reveilleSaw(line.textContent ?? '')
  }).observe(document.body, { subtree: true, childList: true, characterData: true })`)
  return {
    waitForText: (text) => page.getByText(text).first().waitFor({ timeout: 60_000 }),
    textsSeen: (texts) => texts.filter((text) => [...seen].some((one) => one.includes(text))),
    loads: () => loads,
    close: () => browser.close(),
  }
}

function setupCodeIn(log: string): string {
  const [, code] = /set-up code {2}([A-Z2-9-]{14,24})/.exec(log) ?? []
  if (code === undefined) throw new Error(`the server printed no set-up code:\n${log}`)
  return code
}
