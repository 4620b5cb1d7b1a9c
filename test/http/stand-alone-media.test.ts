/** What goes onto a stand-alone medium, and what keeps one from being made, over a real store and library. */

import test, { type ExecutionContext } from 'ava'
import type { PackageId } from '../../server/address/identifiers.ts'
import type { ContentFile } from '../../server/site/content.ts'
import { makeStandAlone, standAloneDraft } from '../../server/http/api/media/make-stand-alone.ts'
import type { MadeMedium } from '../../server/http/api/media/medium-maker.ts'
import type { Node } from '../../server/sequence/task-sequence.ts'
import {
  application,
  applyImage,
  bootImage,
  collection,
  deployment,
  deploymentId,
  driverPackage,
  file,
  group,
  operatingSystemImage,
  packageId,
  saved,
  scriptType,
  softwarePackage,
  taskSequence,
} from '../store/site-builders.ts'
import { mediaLoaderFiles } from '../../server/site/boot-image.ts'
import { actionOf } from '../support/actions.ts'
import { sequenceOf } from '../support/sequences.ts'
import { openTestSite, type TestSite } from './test-site.ts'

interface Prepared {
  readonly site: TestSite
  readonly image: PackageId
  readonly make: (children: readonly Node[], draft?: object) => Promise<MadeMedium>
  readonly sequenceId: (children: readonly Node[]) => Promise<PackageId>
}

async function prepare(t: ExecutionContext): Promise<Prepared> {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const { store, dependencies } = site
  const boot = saved(await store.bootImages.create(bootImage())).id
  await fill(site, boot, ['vmlinuz', 'initrd.img', 'loader/undionly.kpxe', mediaLoaderFiles.uefiX64Shim])
  const image = saved(await store.operatingSystemImages.create(operatingSystemImage())).id
  await fill(site, image, ['rootfs.tar.zst'])
  let made = 0
  const sequenceId: Prepared['sequenceId'] = async (children) => {
    made += 1
    return saved(
      await store.taskSequences.create(taskSequence({ name: `Branch ${made}`, bootImageId: boot, children })),
    ).id
  }
  const make: Prepared['make'] = async (children, draft = {}) => {
    const taskSequenceId = 'taskSequenceId' in draft ? draft.taskSequenceId : await sequenceId(children)
    const usual = { kind: 'stand-alone', password: null, detectDependencies: false }
    const parsed = standAloneDraft.parse({ ...usual, ...draft, taskSequenceId })
    return makeStandAlone({ dependencies, nowMs: 1, siteUrls: [] }, parsed)
  }
  return { site, image, make, sequenceId }
}

async function fill({ store, library }: TestSite, id: PackageId, names: readonly string[]): Promise<void> {
  const files: ContentFile[] = []
  for (const name of names) files.push({ name, ...(await library.add(octetsOf(`${id} ${name}`))) })
  saved(await store.addContent(id, files))
}

async function* octetsOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

const settings = { description: '', disabled: false, continueOnError: false }
const step = (name: string, action: Parameters<typeof actionOf>[0]): Node => ({
  kind: 'step',
  name,
  ...settings,
  action: actionOf(action),
})

test('S7-027 S7-029 S7-038: the policy is on the medium, without a deployment, and content by hash', async (t) => {
  const { image, make } = await prepare(t)
  const variables = [{ name: 'Branch', value: 'Graz', secret: false }]
  const parts = certain(await make([applyImage(image)], { variables }))
  t.like(parts, { servers: [], asksSite: false, unattended: false })
  t.deepEqual(
    parts.contents.map(({ kind }) => kind),
    ['operating-system-image'],
    'what the medium starts from is on it already',
  )
  const { policy } = parts
  t.false(policy === undefined || 'deploymentId' in policy)
  t.like(policy, { siteCode: 'RVL', variables, bootImageId: parts.bootImage.id })
  t.deepEqual(
    policy?.content.map(({ kind }) => kind),
    ['operating-system-image', 'boot-image'],
  )
})

test('S7-023: everything that is missing is named, with its step or file', async (t) => {
  const { site, image, make } = await prepare(t)
  const { store } = site
  const drivers = saved(await store.driverPackages.create(driverPackage()))
  const tools = saved(await store.packages.create(softwarePackage({ name: 'Tools' })))
  saved(await store.addContent(tools.id, [file('bin/tool')]))
  const nowhere = packageId('RVL0FFFF')
  const made = await make(
    [applyImage(image), step('Drivers', { type: 'apply-driver-package', packageId: drivers.id })],
    { packages: [tools.id, nowhere] },
  )
  t.deepEqual(refusal(made), [
    `Step "Drivers": driver package ${drivers.id} has no content. Distribute it and try again.`,
    `package ${nowhere} has no content. Distribute it and try again.`,
    `"Tools" (${tools.id}, version 1): the file bin/tool is not in the content library.`,
  ])
})

test('S7-024 S7-025: what an application depends on is added in the wizard, or detected', async (t) => {
  const { site, image, make } = await prepare(t)
  const { store } = site
  const base = saved(await store.applications.create(application({ name: 'Base', deploymentTypes: [scriptType()] })))
  const upper = saved(await store.applications.create(application({ name: 'Upper', dependencies: [base.id] })))
  const install = step('Apps', { type: 'install-application', applications: [upper.id] })
  const children = [applyImage(image), install]
  t.deepEqual(refusal(await make(children)), [
    `The application "Upper" depends on "Base" (${base.id}): add it, or have dependencies detected.`,
  ])
  for (const draft of [{ applications: [base.id] }, { detectDependencies: true }]) {
    const made = await make(children, draft)
    t.deepEqual(
      certain(made).contents.map(({ name }) => name),
      ['Debian 12', 'Upper', 'Base'],
    )
  }
})

test('S7-025 A7-05: steps that need the site refuse the medium, those that it keeps away do not', async (t) => {
  const { image, make } = await prepare(t)
  const drivers = { name: 'Drivers', action: { type: 'auto-apply-drivers' } }
  const condition = { variable: '_SMSTSMediaType', operator: 'not-equals', value: 'FullMedia' }
  const away = sequenceOf({ name: 'S', children: [{ ...drivers, condition }] }).children
  t.is((await make([applyImage(image), ...away])).kind, 'made')
  const [message] = refusal(await make([applyImage(image), ...sequenceOf({ name: 'S', children: [drivers] }).children]))
  t.regex(message ?? '', /Step "Drivers" \(Auto Apply Drivers\)/)
})

test('S7-042: a deployment that is named has to be available to media', async (t) => {
  const { site, image, make, sequenceId } = await prepare(t)
  const { store } = site
  const taskSequenceId = await sequenceId([applyImage(image)])
  const { id: collectionId } = saved(await store.collections.create(collection({ name: 'Lab' })))
  const deploy = async (makeAvailableTo: 'clients' | 'media-and-pxe-hidden') =>
    saved(await store.deployments.create(deployment(taskSequenceId, collectionId, { makeAvailableTo }))).id
  const clients = await deploy('clients')
  const named = async (id: typeof clients) => refusal(await make([], { taskSequenceId, deploymentId: id }))
  t.deepEqual(await named(clients), [
    `deployment ${clients} is made available to clients only. Make it available to media and PXE`,
  ])
  t.deepEqual(await named(await deploy('media-and-pxe-hidden')), [])
  t.regex((await named(deploymentId('RVL2FFFF')))[0] ?? '', /there is no deployment/)
})

test('S7-005 S7-040: secrets need a password, and those of steps that never run are not on the medium', async (t) => {
  const { image, make } = await prepare(t)
  const password = { randomAdminPassword: false, localAdminPassword: 'hidden-1' }
  const account = { account: 'x', password: 'hidden-2' }
  const join = step('Join', { type: 'connect-to-network-folder', path: '\\\\a\\b', ...account })
  const variables = [{ name: 'Key', value: 'hidden-3', secret: true }]
  const children = [
    applyImage(image),
    step('Settings', { type: 'apply-windows-settings', ...password }),
    group([{ ...join, disabled: true }]),
  ]
  t.deepEqual(refusal(await make(children, { variables })), [
    'steps of "Branch 1" hold secrets, such as passwords: give the medium a password',
  ])
  const made = await make(children, { variables, password: 'correct horse battery' })
  const text = JSON.stringify(made)
  t.deepEqual(
    ['hidden-1', 'hidden-2', 'hidden-3'].map((secret) => text.includes(secret)),
    [true, false, true],
  )
  t.is((await make([applyImage(image), group([{ ...join, disabled: true }])])).kind, 'made')
})

test('S7-002: a sequence that is disabled, or has no boot image to start, is refused', async (t) => {
  const { site, image, make } = await prepare(t)
  const { store } = site
  const children = [applyImage(image)]
  const create = async (fields: Parameters<typeof taskSequence>[0]) => {
    const name = `S ${(await store.taskSequences.list()).length}`
    return saved(await store.taskSequences.create(taskSequence({ name, children, ...fields }))).id
  }
  const winpe = saved(await store.bootImages.create(bootImage({ name: 'PE', kind: 'winpe' }))).id
  await fill(site, winpe, ['boot.wim'])
  const empty = saved(await store.bootImages.create(bootImage({ name: 'Empty' }))).id
  const faultsOf = async (fields: Parameters<typeof taskSequence>[0]) =>
    refusal(await make([], { taskSequenceId: await create(fields) })).join('\n')
  t.regex(await faultsOf({}), /has no boot image/)
  t.regex(await faultsOf({ bootImageId: winpe }), /is Windows PE/)
  t.regex(await faultsOf({ bootImageId: empty }), /has no content yet/)
  t.regex(await faultsOf({ bootImageId: empty, enabled: false }), /is disabled/)
})

test('S7-026: what needs a network is told to whoever makes the medium, which is made', async (t) => {
  const { site, image, sequenceId } = await prepare(t)
  const folder = step('Connect', { type: 'connect-to-network-folder', path: '\\\\server\\share' })
  const taskSequenceId = await sequenceId([applyImage(image), folder])
  const made = await site.api('POST', '/media', { kind: 'stand-alone', taskSequenceId, password: null })
  t.is(made.status, 201, made.body.toString())
  t.like(made.json, { kind: 'stand-alone', servers: [], passwordRequired: false })
  t.true(String(made.json['warnings']).includes('Step "Connect" (Connect To Network Folder): it fails where'))
  const refused = await site.api('POST', '/media', { kind: 'stand-alone', taskSequenceId: image, password: null })
  t.is(refused.status, 422)
})

function certain(made: MadeMedium) {
  if (made.kind === 'made') return made.parts
  throw new Error(refusal(made).join('\n'))
}

function refusal(made: MadeMedium): readonly string[] {
  return made.kind === 'faults' ? made.faults.map(({ message }) => message) : []
}
