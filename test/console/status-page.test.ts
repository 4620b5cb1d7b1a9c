/**
 * The status page in a real browser, against the real HTTP side and store, with agents that speak the real protocol. One
 * site and one browser for all; each test has its own machines and its own browser context.
 */

import { createServer } from 'node:http'
import { AxeBuilder } from '@axe-core/playwright'
import test, { type ExecutionContext } from 'ava'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import type { Observation } from '../../server/contract/progress.ts'
import { loginTicket, setupCode, type TestSite } from '../http/test-site.ts'
import { ScriptedAgent } from '../support/scripted-agent.ts'
import { openPage, startBrowser, type View, type WatchedPage } from './console-browser.ts'
import { callSite, deployTo, openConsoleSite, sequence } from './console-site.ts'
import { hostileTextCount, hostileTexts } from './hostile-texts.ts'

let site: TestSite
let browser: Browser
let url = ''
/** Of the session that the first test made; later tests begin signed in. */
let cookies: Parameters<BrowserContext['addCookies']>[0] = []
const password = 'correct horse battery'

test.before(async () => {
  site = await openConsoleSite()
  url = `http://127.0.0.1:${site.port}`
  browser = await startBrowser()
})

test.after.always(async () => {
  await browser?.close()
  await site?.close()
})

async function withPage(
  t: ExecutionContext,
  options: { readonly view?: View; readonly hash?: string; readonly isSignedIn?: boolean },
  use: (watched: WatchedPage) => Promise<void>,
): Promise<void> {
  const watched = await openPage(browser, options.view)
  try {
    if (options.isSignedIn !== false) await watched.context.addCookies(cookies)
    await watched.page.goto(`${url}/${options.hash ?? ''}`)
    if (options.isSignedIn !== false) await watched.page.locator('.line-live').waitFor()
    await use(watched)
    t.deepEqual(watched.complaints, [])
  } finally {
    await watched.context.close()
  }
}

async function observe(lane: string, ...observations: readonly Observation[]): Promise<void> {
  const id = parseMacAddress(lane)
  if (id === undefined) throw new Error(`${lane} is no MAC address`)
  await site.store.observe(
    observations.map((observation) => ({ lane: id, atMs: site.clock.nowMs, ipAddress: '192.0.2.9', observation })),
  )
}

const firmware = (platform = 'x64 UEFI'): Observation => ({ kind: 'dhcp-request', platform, stage: 'firmware' })

function card(page: Page, name: string) {
  return page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) })
}

async function deployedAgent(name: string, macAddress: string): Promise<ScriptedAgent> {
  await deployTo(callSite(site), [{ name, macAddress }])
  return new ScriptedAgent(url, macAddress)
}

test.serial('D02: who is not signed in is shown nothing of the site', async (t) => {
  await observe('52:54:00:c0:00:01', firmware())
  await withPage(t, { isSignedIn: false, hash: '#/machine/52:54:00:c0:00:01' }, async ({ page, complaints }) => {
    await page.getByRole('heading', { name: 'Make the first administrator' }).waitFor()
    t.notRegex(await page.content(), /52:54:00:c0:00:01|x64 UEFI/)
    const answers = await page.evaluate(
      `Promise.all(['/api/v1/status', '/api/v1/runs'].map((path) => fetch(path).then(({ status }) => status)))`,
    )
    t.deepEqual(answers, [401, 401])
    const socket = await page.evaluate(`new Promise((resolve) => {
      const line = new WebSocket('/api/v1/progress')
      line.addEventListener('message', () => resolve('a frame'))
      line.addEventListener('close', () => resolve('closed'))
    })`)
    t.is(socket, 'closed')
    // The browser's own lines about the three refusals.
    t.is(complaints.splice(0).length, 3)
  })
})

test.serial('the set-up code makes the administrator, by keyboard alone, and signs in', async (t) => {
  await withPage(t, { isSignedIn: false }, async ({ page, context, complaints }) => {
    await page.getByLabel('Set-up code').waitFor()
    const type = async (text: string, then: string): Promise<void> => {
      await page.keyboard.type(text)
      await page.keyboard.press(then)
    }
    await type('WRONG-CODE', 'Tab')
    await page.keyboard.press('ControlOrMeta+A')
    await type('anna', 'Tab')
    await type(password, 'Enter')
    await page.getByRole('alert').filter({ hasText: 'does not set anything up' }).waitFor()
    await page.getByLabel('Set-up code').fill(setupCode)
    await page.getByLabel('Password').press('Enter')
    await page.locator('.line-live').waitFor()
    cookies = await context.cookies()
    t.true(cookies.every((cookie) => cookie.httpOnly === true && cookie.sameSite === 'Strict'))
    // The browser's own line about the 403 of the wrong code.
    t.is(complaints.splice(0).filter((text) => !text.includes('403')).length, 0)
  })
})

test.serial('name and password sign in; wrong ones say so; signing out shows nothing any more', async (t) => {
  await withPage(t, { isSignedIn: false }, async ({ page, complaints }) => {
    await page.getByLabel('Name').fill('anna')
    await page.getByLabel('Password').fill('not this one')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').filter({ hasText: 'Name or password is wrong.' }).waitFor()
    complaints.length = 0
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await card(page, '52:54:00:c0:00:01').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    t.notRegex(await page.content(), /52:54:00:c0:00:01/)
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
})

test.serial('a link with a ticket signs in once, and leaves the address at once', async (t) => {
  await withPage(t, { isSignedIn: false, hash: `#ticket=${loginTicket}` }, async ({ page }) => {
    await page.locator('.line-live').waitFor()
    t.notRegex(page.url(), /ticket/)
  })
  await withPage(t, { isSignedIn: false, hash: `#ticket=${loginTicket}` }, async ({ page, complaints }) => {
    await page.getByRole('alert').filter({ hasText: 'it was used before' }).waitFor()
    complaints.length = 0
  })
})

test.serial('D02: a page of another origin gets no frame, though the browser sends the cookie along', async (t) => {
  // The same address on another port: another origin, yet the same site, so that SameSite alone would not help.
  const foreign = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>x</title>'))
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
  const bound = foreign.address()
  const { page, context } = await openPage(browser)
  try {
    await context.addCookies(cookies)
    await page.goto(`http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}/`)
    const open = (target: string): string => `new Promise((resolve) => {
      const line = new WebSocket('${target}')
      line.addEventListener('message', () => resolve('a frame'))
      line.addEventListener('close', () => resolve('closed'))
    })`
    t.is(await page.evaluate(open(`ws://127.0.0.1:${site.port}/api/v1/progress`)), 'closed')
    // Our own page opens the same line with the same cookie.
    await page.goto(`${url}/favicon.svg`)
    t.is(await page.evaluate(open('/api/v1/progress')), 'a frame')
  } finally {
    await context.close()
    foreign.closeAllConnections()
    foreign.close()
  }
})

test.serial('lanes appear without a reload, in the order of who needs somebody, and bars fill', async (t) => {
  const [waits, moves] = ['52:54:00:c0:01:01', '52:54:00:c0:01:02'] as const
  await withPage(t, {}, async ({ page }) => {
    await observe(moves, firmware('ARM64 UEFI'))
    await card(page, moves).getByText('Firmware asks for a boot (ARM64 UEFI)').waitFor()
    const transfer = {
      file: 'initrd.img',
      protocol: 'http',
      bytes: 25e6,
      totalBytes: 100e6,
      bytesPerSecond: 5e6,
    } as const
    await observe(moves, { kind: 'transfer-progress', what: 'boot-image', ended: false, transfer })
    const bar = card(page, moves).getByRole('progressbar', { name: 'initrd.img (HTTP)' })
    await bar.waitFor()
    t.deepEqual([await bar.getAttribute('value'), await bar.getAttribute('max')], ['25000000', '100000000'])
    await card(page, moves).getByText('25.0 MB of 100 MB, 5.0 MB/s').waitFor()
    await observe(waits, firmware(), { kind: 'boot-decided', decision: 'boot', text: 'Waits for F12', prompt: true })
    await card(page, waits).waitFor()
    const names = await page.getByRole('listitem').getByRole('heading').allTextContents()
    t.true(names.indexOf(waits) < names.indexOf(moves))
    await page
      .locator('[data-announcements]')
      .filter({ hasText: `${waits}: Waits for F12.` })
      .waitFor()
  })
})

test.serial('S10-006: the machine page shows every step from the start and fills them live', async (t) => {
  const agent = await deployedAgent('steps-1', '52:54:00:c0:02:01')
  await agent.begin()
  await withPage(t, { hash: '#/machine/52:54:00:c0:02:01' }, async ({ page }) => {
    const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) })
    await row('Report').getByText('not yet').waitFor()
    t.is(await page.getByRole('row').count(), 1 + 8)
    await row('Old drivers').getByText('skipped: disabled').waitFor()
    await agent.report({ kind: 'sequence-started' }, { kind: 'group-started', path: [0], name: 'Install' })
    await agent.passStep([0, 0], 'Partition the disk')
    await row('Partition the disk').getByText('succeeded').waitFor()
    await agent.report(
      { kind: 'step-started', path: [0, 1], name: 'Apply Debian', type: 'run-command-line', attempt: 1 },
      { kind: 'step-progress', text: 'Applying', done: 30, unit: 'percent' },
    )
    await row('Apply Debian').getByText('runs').waitFor()
    t.is(await row('Apply Debian').getAttribute('aria-current'), 'step')
    const bar = page.getByRole('progressbar', { name: 'Applying' })
    await bar.waitFor()
    t.deepEqual([await bar.getAttribute('value'), await bar.getAttribute('max')], ['30', '100'])
    // The time of what runs ticks by the browser's own clock.
    const took = row('Apply Debian').getByRole('cell').last()
    const before = (await took.textContent()) ?? ''
    await took.filter({ hasNotText: before }).waitFor()
    const failed = { kind: 'failed', path: [0, 1], exitCode: 28, message: 'No space left on device' } as const
    await agent.report(
      { kind: 'step-ended', path: [0, 1], outcome: 'failed', exitCode: 28, message: 'No space left on device' },
      { kind: 'group-ended', path: [0], outcome: 'failed' },
      { kind: 'sequence-ended', outcome: failed },
    )
    await row('Apply Debian').getByText('No space left on device').waitFor()
    t.is(await row('Apply Debian').getByRole('cell').nth(1).textContent(), '28')
    await row('Report').getByText('not reached').waitFor()
    t.regex((await page.getByRole('region', { name: 'Log' }).textContent()) ?? '', /failed with 28: No space left/)
  })
})

test.serial('what stands still says since when, what was expected next, and the likely cause', async (t) => {
  site.clock.nowMs -= 60_000
  await observe('52:54:00:c0:03:01', firmware())
  site.clock.nowMs += 60_000
  await withPage(t, {}, async ({ page }) => {
    const note = card(page, '52:54:00:c0:03:01').locator('.standstill')
    await note.getByText(/Nothing heard for 1 min/).waitFor()
    t.regex(
      (await note.textContent()) ?? '',
      /Expected next: the machine fetches its boot loader.*Likely cause: .*DHCP/,
    )
    t.is(await page.locator('[role=alert]').count(), 0)
  })
})

test.serial('A17: the code on the page is the code on the machine, and the button approves that machine', async (t) => {
  const macAddress = '52:54:00:c0:04:01'
  const agent = new ScriptedAgent(url, macAddress)
  await deployToUnknown()
  const first = await agent.sayHello()
  t.is(first.machine.kind, 'waiting-for-approval')
  await withPage(t, {}, async ({ page }) => {
    const waiting = card(page, `Unknown computer ${macAddress}`)
    t.is(await waiting.locator('.approval code').textContent(), first.code)
    // By keyboard alone: from the machine's link, the button is next.
    await waiting.getByRole('link').focus()
    await page.keyboard.press('Tab')
    t.is(
      await page.evaluate(`document.activeElement.getAttribute('aria-label')`),
      `Approve Unknown computer ${macAddress}, code ${first.code}`,
    )
    await page.keyboard.press('Enter')
    await waiting.getByText('The machine asks again within seconds.').waitFor()
    const second = await agent.sayHello()
    t.is(second.machine.kind, 'armed')
    await waiting.locator('.approval').waitFor({ state: 'detached' })
  })
})

test.serial('S1-101: a run that the debugger holds says where, and a button lets it go', async (t) => {
  const macAddress = '52:54:00:c0:0b:01'
  await deployTo(callSite(site), [{ name: 'debugged-1', macAddress }], { ...sequence, name: 'Deploy step by step' })
  const agent = new ScriptedAgent(url, macAddress)
  await agent.begin()
  const at = { path: [0, 0], name: 'Partition the disk', number: 1, reason: 'before-step' } as const
  await agent.report(
    { kind: 'sequence-started' },
    { kind: 'debugger-attached', opens: 'before-steps' },
    { kind: 'debugger-paused', ...at },
  )
  await withPage(t, { hash: '#/machine/52:54:00:c0:0b:01' }, async ({ page }) => {
    await page.getByText('Paused before step 1: Partition the disk (debugger)').first().waitFor()
    await page.getByRole('button', { name: 'Step' }).click()
    await page.getByText('The machine takes it within seconds.').waitFor()
    // One decision is enough: the other buttons do nothing until the machine has taken it.
    await page.getByRole('button', { name: 'Cancel the run' }).focus()
    await page.keyboard.press('Enter')
    const { json } = await site.api('GET', `/runs/${agent.runId}/debugger`)
    t.like(json, { state: 'held', waitingCommands: [{ number: 1, command: 'step' }] })
    t.is((json['waitingCommands'] as unknown[]).length, 1)
    await agent.report({ kind: 'debugger-command', number: 1, command: { kind: 'step' } })
    await page.locator('.debugger').waitFor({ state: 'detached' })
    await page.getByText('Debugger: step').first().waitFor()
  })
})

test.serial('keyboard alone: to a machine, its log, and back, with the focus where a reader expects it', async (t) => {
  await withPage(t, {}, async ({ page }) => {
    const active = async (): Promise<string> => page.evaluate('document.activeElement.textContent.trim()')
    await page.keyboard.press('Tab')
    t.is(await active(), 'Reveille')
    await page.getByRole('button', { name: 'Stop all starts …' }).waitFor()
    await page.keyboard.press('Tab')
    t.is(await active(), 'Deployments')
    await page.keyboard.press('Tab')
    t.is(await active(), 'Stop all starts …')
    await page.keyboard.press('Tab')
    t.is(await active(), 'Sign out')
    await page.getByRole('link', { name: 'steps-1' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'steps-1', level: 1 }).waitFor()
    t.is(await active(), 'steps-1')
    t.is(await page.title(), 'steps-1 – Reveille')
    await page.getByRole('region', { name: 'Log' }).focus()
    await page.keyboard.press('Shift+Tab')
    await page.goBack()
    await page.getByRole('listitem').first().waitFor()
    t.is(await active(), 'Machines')
  })
})

test.serial('all starts are stopped and allowed again by keyboard, and every page says so', async (t) => {
  await withPage(t, {}, async ({ page }) => {
    const button = page.getByRole('button', { name: 'Stop all starts …' })
    await button.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Stop all starts?' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    t.is(await page.evaluate('document.activeElement.textContent'), 'Stop all starts …', 'the keyboard is where it was')
    t.is((await site.store.startGuard()).stopped, undefined)
    await page.keyboard.press('Enter')
    await page.getByLabel('Reason').fill('<b>wrong</b> image')
    await page.keyboard.press('Enter')
    const banner = page.getByRole('status').filter({ hasText: 'All starts are stopped.' })
    await banner.filter({ hasText: /anna, .*: <b>wrong<\/b> image/ }).waitFor()
    t.is(await page.evaluate('document.activeElement.textContent'), 'Allow starts again …')
    t.is((await site.store.startGuard()).stopped?.reason, '<b>wrong</b> image')
    await withPage(t, { hash: '#/machine/52:54:00:c0:00:01', view: { width: 360, height: 740 } }, async (other) => {
      await other.page.getByText('All starts are stopped.').waitFor()
      t.is(await other.page.evaluate('document.documentElement.scrollWidth'), 360)
      await other.page.getByRole('button', { name: 'Allow starts again …' }).click()
      const { violations } = await new AxeBuilder({ page: other.page }).setLegacyMode(true).analyze()
      t.deepEqual(
        violations.map(({ id }) => id),
        [],
      )
      await other.page.getByRole('button', { name: 'Cancel' }).click()
    })
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Allow starts again?' }).waitFor()
    await page.getByRole('button', { name: 'Allow starts', exact: true }).press('Enter')
    await banner.waitFor({ state: 'hidden' })
    t.is((await site.store.startGuard()).stopped, undefined)
  })
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.serial(`axe finds nothing on the list, a machine's page and the sign-in: ${colorScheme}`, async (t) => {
    await eachPage(t, { colorScheme }, async (page, name) => {
      const { violations } = await new AxeBuilder({ page })
        .setLegacyMode(true)
        .options({ resultTypes: ['violations'] })
        .analyze()
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
      t.deepEqual(found, [], name)
    })
  })
}

test.serial('nothing is wider than a phone of 360 pixels', async (t) => {
  await observe('52:54:00:c0:07:01', firmware(), {
    kind: 'boot-decided',
    decision: 'boot',
    text: 'W'.repeat(300),
    name: 'a-name-without-an-end-'.repeat(10),
    prompt: true,
  })
  await eachPage(t, { width: 360, height: 740 }, async (page, name) => {
    t.is(await page.evaluate('document.documentElement.scrollWidth'), 360, name)
  })
})

/** The list, the page of a run that failed, of a machine with long texts, of none, and the sign-in. */
async function eachPage(
  t: ExecutionContext,
  view: View,
  look: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  for (const lane of ['', '02:01', '07:01', 'ff:ff']) {
    const hash = lane === '' ? '' : `#/machine/52:54:00:c0:${lane}`
    await withPage(t, { view, hash }, async ({ page }) => {
      await page
        .locator('.lane')
        .or(page.getByRole('heading', { name: 'Nothing is known' }))
        .first()
        .waitFor()
      if (lane === '02:01') await page.getByRole('row').filter({ hasText: 'Report' }).waitFor()
      await look(page, hash)
    })
  }
  await withPage(t, { view, isSignedIn: false }, async ({ page }) => {
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await look(page, 'sign-in')
  })
}

test.serial('D01: 300 hostile texts from machines are text, everywhere they are shown', async (t) => {
  const places = Array.from({ length: 12 }, (_, place) => hostileTexts(place))
  t.is(places.flat().length, 300)
  const [names, texts, platforms, files, addresses, lines, ...others] = places
  for (let index = 0; index < hostileTextCount; index++) {
    const lane = parseMacAddress(`52:54:00:c0:05:${index.toString(16).padStart(2, '0')}`)
    if (lane === undefined) throw new Error('no MAC address')
    const transfer = { file: files?.[index] ?? '', protocol: 'http', bytes: 1, bytesPerSecond: 1 } as const
    const about: Observation[] = [
      firmware(platforms?.[index]),
      { kind: 'transfer-progress', what: 'boot-image', ended: false, transfer },
      { kind: 'boot-decided', decision: 'boot', text: texts?.[index] ?? '', name: names?.[index] ?? '', prompt: false },
    ]
    const atMs = site.clock.nowMs
    const ipAddress = addresses?.[index] ?? ''
    await site.store.observe(about.map((observation) => ({ lane, atMs, ipAddress, observation })))
  }
  const agent = await hostileRun(others, lines ?? [])
  await withPage(t, {}, async ({ page }) => {
    await card(page, names?.[0] ?? '').waitFor()
    await assertHarmless(
      t,
      page,
      [names, texts, platforms, files, addresses].flatMap((one) => one ?? []),
    )
    await page.goto(`${url}/#/machine/52:54:00:c0:06:01`)
    await page.getByText(agent.runId).waitFor()
    await page.getByRole('heading', { name: `Variables (${hostileTextCount})` }).waitFor()
    await page.getByRole('region', { name: 'Log' }).getByText('the last line').waitFor()
    const [manufacturer, model, serial] = others.at(-1) ?? []
    for (const text of [manufacturer, model, serial])
      await page
        .getByRole('definition')
        .getByText(text ?? '')
        .waitFor()
    await assertHarmless(t, page, [...others, lines ?? []].flat())
  })
})

/** A run whose steps, groups, errors, lines and variables are the texts, on a machine that calls its parts so. */
async function hostileRun(
  [steps = [], groups = [], messages = [], names = [], values = [], sequences = []]: readonly (readonly string[])[],
  lines: readonly string[],
): Promise<ScriptedAgent> {
  const macAddress = '52:54:00:c0:06:01'
  const children = steps.map((name, index) => ({
    kind: 'group',
    name: groups[index] ?? '',
    children: [{ kind: 'step', name, action: { type: 'run-command-line', commandLine: 'true' } }],
  }))
  const document = { name: 'Hostile', description: sequences[0] ?? '', children }
  await deployTo(callSite(site), [{ name: 'hostile', macAddress }], document)
  const [manufacturer = '', model = '', serialNumber = ''] = sequences
  const agent = new ScriptedAgent(url, macAddress, { manufacturer, model, serialNumber })
  await agent.begin()
  for (const [index, name] of steps.entries()) {
    await agent.report(
      { kind: 'group-started', path: [index], name: groups[index] ?? '' },
      { kind: 'step-started', path: [index, 0], name, type: 'run-command-line', attempt: 1 },
      {
        kind: 'step-ended',
        path: [index, 0],
        outcome: 'failed-continued',
        exitCode: 1,
        message: messages[index] ?? '',
      },
      {
        kind: 'variables-changed',
        variables: [{ name: names[index] ?? '', value: values[index] ?? '', secret: false }],
      },
    )
  }
  await agent.report({ kind: 'output', stream: 'stdout', lines: [...lines, ...sequences, 'the last line'] })
  return agent
}

async function assertHarmless(t: ExecutionContext, page: Page, texts: readonly string[]): Promise<void> {
  t.true(texts.length >= 100)
  const content = (await page.locator('main').textContent()) ?? ''
  t.deepEqual(
    texts.filter((text) => !content.includes(text)),
    [],
  )
  const found = await page.evaluate(`({
    hit: 'hit' in window,
    foreign: document.querySelectorAll('iframe, svg, math, base, style, meta[http-equiv], main img, [onerror], [onload]')
      .length,
    scripts: document.scripts.length,
    links: [...document.links].filter((link) => !/^https?:$/.test(link.protocol)).length,
  })`)
  t.deepEqual(found, { hit: false, foreign: 0, scripts: 1, links: 0 })
}

/** Unknown computers may run the sequence, once they are approved. */
async function deployToUnknown(): Promise<void> {
  const call = callSite(site)
  const boot = await call('POST', '/boot-images', { name: 'Boot of unknown computers', architecture: 'x64' })
  const made = await call('POST', '/task-sequences', {
    bootImageId: boot.id,
    enabled: true,
    sequence: { ...sequence, name: 'Deploy to unknown computers' },
  })
  const all = await site.api('GET', '/collections')
  const unknown = (all.json['items'] as { id: string; name: string }[]).find(({ name }) => /Unknown/.test(name))
  await call('POST', '/deployments', {
    taskSequenceId: made.id,
    collectionId: unknown?.id,
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe',
  })
}

test.serial('a machine that the site forgets goes from every open page without a reload', async (t) => {
  const stranger = '52:54:00:c0:0f:01'
  await observe(stranger, firmware())
  await withPage(t, {}, async ({ page }) => {
    const heading = page.getByRole('listitem').getByRole('heading').filter({ hasText: stranger })
    const name = (await heading.textContent()) ?? ''
    await withPage(t, { hash: `#/machine/${stranger}` }, async (other) => {
      await other.page.getByRole('heading', { name, exact: true }).waitFor()
      t.true((await site.store.forgetStrangers(site.clock.nowMs + 2 * 24 * 3_600_000)) > 0)
      await other.page.getByRole('heading', { name: `Nothing is known of ${stranger}` }).waitFor()
    })
    await card(page, name).waitFor({ state: 'detached' })
  })
})
