/** Download Package Content from a server on loopback. */

import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { downloadPackageContent } from '../../../bootstrap/steps/download-package-content.ts'
import type { StepContext } from '../../../bootstrap/step-context.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import type { DownloadPackageContent } from '../../../server/sequence/step-types/download-package-content.ts'
import { makeContent, serveContent } from '../content-server.ts'
import { makeContext, makeFolder, type TestContext } from '../loop-disk.ts'

const tools = { 'bin/tool': { text: '#!/bin/sh\n', executable: true }, 'a b/c': { text: 'C' } } as const
const image = { 'rootfs.tar': { text: 'not really' } } as const
const action: DownloadPackageContent = {
  type: 'download-package-content',
  content: [
    { kind: 'package', id: 'RVL00001' },
    { kind: 'boot-image', id: 'RVL00002' },
  ],
  location: 'working-directory',
  customPath: '',
  pathVariable: 'MyContent',
  continueOnFailure: false,
}

async function makeSite(t: ExecutionContext, changes: Partial<StepContext> = {}) {
  const folder = makeFolder(t)
  mkdirSync(join(folder, 'target'))
  const { download, requests } = await serveContent(t, { RVL00001: tools, RVL00002: image })
  const content = [makeContent('RVL00001', tools), makeContent('RVL00002', image, { kind: 'boot-image' })]
  return { folder, requests, context: makeContext(folder, { content, download, ...changes }) }
}

function valuesOf({ variables }: Awaited<ReturnType<typeof downloadPackageContent>>): readonly string[] {
  return variables.map(({ name, value }) => `${name}=${value}`)
}

test('S2-040, S2-041: each content in a folder of its own, with a variable that counts', async (t) => {
  const { folder, context } = await makeSite(t)
  const result = await downloadPackageContent(action, context)
  const places = join(folder, 'scratch/packages')
  t.deepEqual(valuesOf(result), [`MyContent01=${places}/RVL00001.1`, `MyContent02=${places}/RVL00002.1`])
  t.is(statSync(join(places, 'RVL00001.1/bin/tool')).mode & 0o777, 0o755)
  t.is(statSync(join(places, 'RVL00001.1')).mode & 0o777, 0o700)
  t.is(readFileSync(join(places, 'RVL00001.1/a b/c'), 'utf8'), 'C')
  const { done, total } = context.progressed.at(-1) ?? {}
  t.is(done, total)
})

test('S2-040: a folder of your own gets the content when it is complete, by its id', async (t) => {
  const { folder, context } = await makeSite(t)
  const customPath = join(folder, 'mine/deep')
  const custom = { ...action, location: 'custom', customPath } as const
  const places = [`MyContent01=${customPath}/RVL00001`, `MyContent02=${customPath}/RVL00002`]
  t.deepEqual(valuesOf(await downloadPackageContent(custom, context)), places)
  t.deepEqual(valuesOf(await downloadPackageContent(custom, context)), places)
  t.true(existsSync(join(customPath, 'RVL00001/bin/tool')))
  t.false(existsSync(join(folder, 'scratch/packages/RVL00001.1')))
})

function installed(folder: string): Partial<StepContext> {
  return { where: 'installed-system', target: new TargetSystem(join(folder, 'target'), () => {}) }
}

test('S2-040: the client has a cache, and the boot image has none', async (t) => {
  const { folder, context } = await makeSite(t)
  const cached = { ...action, location: 'client-cache' } as const
  await t.throwsAsync(downloadPackageContent(cached, context), { message: /boot image has no client cache/ })
  const client: TestContext = { ...context, ...installed(folder) }
  const [first] = valuesOf(await downloadPackageContent(cached, client))
  t.is(first, `MyContent01=${join(folder, 'target/var/cache/reveille/RVL00001.1')}`)
})

test('S2-041: the next one is fetched when one fails, where the step says so', async (t) => {
  const { folder, context } = await makeSite(t)
  const content = [
    { kind: 'driver-package', id: 'RVL00009' },
    { kind: 'package', id: 'RVL00001' },
  ] as const
  await t.throwsAsync(downloadPackageContent({ ...action, content }, context), {
    message: 'the driver package RVL00009 is not among the content of this run',
  })
  const result = await downloadPackageContent({ ...action, content, continueOnFailure: true }, context)
  t.deepEqual(valuesOf(result), [`MyContent02=${join(folder, 'scratch/packages/RVL00001.1')}`])
  t.regex(context.lines.join('\n'), /RVL00009 is left out/)
})

test('what is there with the right hash is not fetched again, and what was changed is', async (t) => {
  const { folder, requests, context } = await makeSite(t)
  await downloadPackageContent(action, context)
  t.is(requests.length, 3)
  writeFileSync(join(folder, 'scratch/packages/RVL00002.1/rootfs.tar'), 'not reallY')
  await downloadPackageContent(action, context)
  t.is(requests.length, 4)
})

test('E01: links of the applied system are not followed, neither folders nor files', async (t) => {
  const { folder, context } = await makeSite(t)
  const victim = join(folder, 'victim')
  mkdirSync(victim)
  writeFileSync(join(victim, 'tool'), 'mine')
  const place = join(folder, 'target/var/lib/reveille/packages/RVL00001.1')
  mkdirSync(place, { recursive: true })
  symlinkSync(victim, join(place, 'bin'))
  const client: TestContext = { ...context, ...installed(folder) }
  await t.throwsAsync(downloadPackageContent(action, client), { message: /leads out of it/ })
  rmSync(join(place, 'bin'))
  mkdirSync(join(place, 'bin'))
  symlinkSync(join(victim, 'tool'), join(place, 'bin/tool'))
  await downloadPackageContent(action, client)
  t.is(readFileSync(join(victim, 'tool'), 'utf8'), 'mine')
  t.is(readFileSync(join(place, 'bin/tool'), 'utf8'), '#!/bin/sh\n')
})
