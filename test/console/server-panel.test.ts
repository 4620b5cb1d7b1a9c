/** How busy the server is, on the page, in a real browser: one quiet line that opens, and what somebody should look at. */

import { AxeBuilder } from '@axe-core/playwright'
import test, { type ExecutionContext } from 'ava'
import type { Browser, Page } from 'playwright-core'
import type { Reading } from '../../server/metrics/reading.ts'
import { loginTicket, type TestSite } from '../http/test-site.ts'
import { openPage, startBrowser, type View } from './console-browser.ts'
import { openConsoleSite } from './console-site.ts'

let site: TestSite
let browser: Browser
let url = ''
let cookies: Parameters<ReturnType<Page['context']>['addCookies']>[0] = []
let atMs = 0
/** What the listeners of a busy network would have counted. */
let network: Reading = {}

test.before(async () => {
  site = await openConsoleSite()
  site.load.add(() => network)
  url = `http://127.0.0.1:${site.port}`
  browser = await startBrowser()
  const { page, context } = await openPage(browser)
  await page.goto(`${url}/#ticket=${loginTicket}`)
  await page.locator('.line-live').waitFor()
  cookies = await context.cookies()
  await context.close()
})

test.after.always(async () => {
  await browser?.close()
  await site?.close()
})

function measure(): void {
  atMs += 2_000
  site.load.measure(atMs)
}

/** Two seconds with so many answers of DHCP and so many octets of TFTP. */
function busy({ answers, dropped = 0, delayMs = 3 }: { answers: number; dropped?: number; delayMs?: number }): void {
  network = {
    dhcp: { answered: (network.dhcp?.answered ?? 0) + answers, dropped: (network.dhcp?.dropped ?? 0) + dropped },
    tftp: {
      transfers: 48,
      turnedAway: 0,
      sent: {
        octets: (network.tftp?.sent?.octets ?? 0) + 2 * 318_000_000,
        blocks: (network.tftp?.sent?.blocks ?? 0) + 400_000,
        blocksResent: (network.tftp?.sent?.blocksResent ?? 0) + 800,
      },
    },
    loop: { p99Ms: delayMs },
  }
  measure()
}

async function withPage(t: ExecutionContext, view: View, use: (page: Page) => Promise<void>): Promise<void> {
  const { page, context, complaints } = await openPage(browser, view)
  try {
    await context.addCookies(cookies)
    await page.goto(url)
    await page.locator('.line-live').waitFor()
    // Its first picture has come: from now on it is told what is measured.
    await page.getByRole('heading', { level: 1 }).waitFor()
    await use(page)
    t.deepEqual(complaints, [])
  } finally {
    await context.close()
  }
}

async function axe(t: ExecutionContext, page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  t.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`),
    [],
  )
}

const views = [
  { colorScheme: 'light' },
  { colorScheme: 'dark' },
  { colorScheme: 'light', width: 320, height: 640 },
  { colorScheme: 'dark', width: 320, height: 640 },
] as const

for (const view of views) {
  const { colorScheme, width = 1_100 } = view as View
  test.serial(`how busy the server is stands under the page, and opens by keyboard: ${colorScheme}, ${width} px`, (t) =>
    withPage(t, view, async (page) => {
      const line = page.locator('summary')
      busy({ answers: 0 })
      busy({ answers: 24 })
      await line.filter({ hasText: 'This server: 12 DHCP answers/s, 48 TFTP transfers' }).waitFor()
      t.notRegex((await line.textContent()) ?? '', /look at/)
      t.false(await page.getByText('Loop delay').isVisible())
      await axe(t, page)
      busy({ answers: 500, dropped: 2, delayMs: 140 })
      await line.filter({ hasText: '250 DHCP answers/s' }).filter({ hasText: '– look at DHCP, Loop delay' }).waitFor()
      await line.focus()
      await page.keyboard.press('Enter')
      await page.getByText('250 answers/s, 2 not answered in the last minute').waitFor()
      await page.getByText('140 ms in one of a hundred cases, everything is answered late').waitFor()
      await page.getByText('48 transfers, 318 MB/s, 0.2 % of the blocks sent again').waitFor()
      await page.getByText(/^\d+ requests?\/s, [\d.]+ k?B\/s, \d+ under way, \d+ connections?$/).waitFor()
      await page.getByText(/^0 waiting/).waitFor()
      t.is(await page.evaluate('document.documentElement.scrollWidth'), width)
      await axe(t, page)
      // Nobody is told aloud; what is open follows.
      busy({ answers: 2 })
      await page.getByText('1 answer/s, 2 not answered in the last minute').waitFor()
      t.is(await page.locator('footer [role], footer [aria-live]').count(), 0)
      network = {}
    }),
  )
}

test.serial('a line that is broken says nothing old of the server', (t) =>
  withPage(t, {}, async (page) => {
    busy({ answers: 0 })
    busy({ answers: 2 })
    await page.locator('footer').waitFor()
    await page.context().setOffline(true)
    await site.app.close()
    await page.locator('.line-broken').waitFor()
    await page.locator('footer').waitFor({ state: 'detached' })
    t.pass()
  }),
)
