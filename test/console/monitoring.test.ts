/** Alerts and deployments on the page, in a real browser against a real site: they come and go without a reload. */

import { AxeBuilder } from '@axe-core/playwright'
import test, { type ExecutionContext } from 'ava'
import type { Browser, Page } from 'playwright-core'
import { loginTicket, type TestSite } from '../http/test-site.ts'
import { ScriptedAgent } from '../support/scripted-agent.ts'
import { openPage, startBrowser, type View } from './console-browser.ts'
import { callSite, deployTo, openConsoleSite } from './console-site.ts'

let site: TestSite
let browser: Browser
let url = ''
let cookies: Parameters<ReturnType<Page['context']>['addCookies']>[0] = []

test.before(async () => {
  site = await openConsoleSite()
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

async function withPage(t: ExecutionContext, hash: string, use: (page: Page) => Promise<void>, view: View = {}) {
  const { page, context, complaints } = await openPage(browser, view)
  try {
    await context.addCookies(cookies)
    await page.goto(`${url}/${hash}`)
    await page.locator('.line-live').waitFor()
    await use(page)
    t.deepEqual(complaints, [])
  } finally {
    await context.close()
  }
}

const failed = {
  kind: 'sequence-ended',
  outcome: { kind: 'failed', path: [0], exitCode: 1, message: 'no disk' },
} as const

/** A deployment of its own to one machine of its own, which is alerted as soon as it fails. */
async function failingDeployment(name: string, macAddress: string): Promise<ScriptedAgent> {
  await deployTo(callSite(site), [{ name, macAddress }], { name, children: [] })
  const [newest] = (await site.store.deployments.list()).toReversed()
  if (newest === undefined) throw new Error('nothing is deployed')
  const { id, revision: _revision, createdAtMs: _createdAtMs, ...draft } = newest
  await site.store.deployments.replace(id, { ...draft, failureAlert: { abovePercent: 50 } }, undefined)
  const agent = new ScriptedAgent(url, macAddress)
  await agent.begin()
  return agent
}

const alertOf = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Alerts' }).getByRole('listitem').filter({ hasText: name })

async function axe(t: ExecutionContext, page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  t.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`),
    [],
  )
}

test.serial(
  'S5-036, S10-015: an alert appears without a reload, and is acknowledged by keyboard, on every page',
  async (t) => {
    const [first, second] = [
      await failingDeployment('<b>One</b>', '52:54:00:c1:00:01'),
      await failingDeployment('Two', '52:54:00:c1:00:02'),
    ]
    await withPage(t, '', async (page) => {
      t.is(await page.getByRole('region', { name: 'Alerts' }).count(), 0)
      await first.report({ kind: 'sequence-started' }, failed)
      await site.store.judgeAlerts()
      await alertOf(page, '<b>One</b>').waitFor()
      await second.report({ kind: 'sequence-started' }, failed)
      await site.store.judgeAlerts()
      await alertOf(page, 'Two')
        .filter({ hasText: /^Critical, .*1 of 1 machines have failed, and 50 % may/ })
        .waitFor()
      await axe(t, page)
      await withPage(t, '#/deployments', async (other) => {
        await alertOf(other, 'Two').waitFor()
        await alertOf(page, 'Two').getByRole('button', { name: 'Acknowledge' }).focus()
        await page.keyboard.press('Enter')
        await alertOf(page, 'Two').waitFor({ state: 'detached' })
        await alertOf(other, 'Two').waitFor({ state: 'detached' })
        t.is(await other.getByRole('button', { name: 'Acknowledge' }).count(), 1)
      })
      t.is(await page.evaluate('document.activeElement.textContent'), 'Acknowledge', 'the keyboard is at the next one')
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: 'Alerts' }).waitFor({ state: 'detached' })
      t.is(await page.evaluate('document.activeElement.textContent'), 'Machines')
    })
    const [alert] = await site.store.alerts({ state: 'acknowledged', limit: 1, offset: 0 })
    t.is(typeof alert?.acknowledged?.by, 'string')
  },
)

for (const view of [{ colorScheme: 'light' }, { colorScheme: 'dark', width: 360, height: 740 }] as const) {
  test.serial(
    `S10-001: deployments show their five counts, and follow what happens: ${view.colorScheme}`,
    async (t) => {
      const name = `Follow ${view.colorScheme}`
      const agent = await failingDeployment(
        name,
        view.colorScheme === 'light' ? '52:54:00:c1:01:01' : '52:54:00:c1:01:02',
      )
      const look = async (page: Page): Promise<void> => {
        await page.getByRole('link', { name: 'Deployments' }).focus()
        await page.keyboard.press('Enter')
        await page.getByRole('heading', { name: 'Deployments', level: 1 }).waitFor()
        t.is(await page.evaluate('document.activeElement.textContent'), 'Deployments')
        t.is(await page.title(), 'Deployments – Reveille')
        const card = page.locator('.deployment').filter({ has: page.getByRole('heading', { name }) })
        await card.getByRole('listitem').filter({ hasText: '1 in progress (100 %)' }).waitFor()
        t.deepEqual(await card.getByRole('listitem').allTextContents(), [
          '0 succeeded',
          '1 in progress (100 %)',
          '0 requirements not met',
          '0 unknown',
          '0 failed',
        ])
        await agent.report({ kind: 'sequence-started' }, { kind: 'sequence-ended', outcome: { kind: 'succeeded' } })
        await card.getByRole('listitem').filter({ hasText: '1 succeeded (100 %)' }).waitFor()
        t.is(await card.locator('.state-bar > span').count(), 1)
        if (view.colorScheme === 'dark') t.is(await page.evaluate('document.documentElement.scrollWidth'), 360)
        await axe(t, page)
      }
      await withPage(t, '', look, view)
    },
  )
}
