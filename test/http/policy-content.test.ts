/** What a policy carries of the objects that steps refer to, over the real store. */

import test from 'ava'
import { hashToken } from '../../server/http/token.ts'
import { listedContent } from '../../server/http/agent/listed-content.ts'
import { fittingDrivers, policyContent } from '../../server/http/agent/policy-content.ts'
import { openSqliteSite } from '../store/open-test-store.ts'
import { sequenceOf } from '../support/sequences.ts'
import { tarOf } from '../support/root-archive.ts'
import { adminToken, openTestSite } from './test-site.ts'
import {
  application,
  driverPackage,
  file,
  newRun,
  operatingSystemImage,
  packageId,
  program,
  saved,
  scriptType,
  softwarePackage,
  upgradePackage,
} from '../store/site-builders.ts'

const stepName = 'Install'

test('S1-006, S1-007: each kind of reference comes with its newest files', async (t) => {
  const { store } = await openSqliteSite(t)
  const image = saved(await store.operatingSystemImages.create(operatingSystemImage()))
  const upgrade = saved(await store.operatingSystemUpgradePackages.create(upgradePackage()))
  const drivers = saved(await store.driverPackages.create(driverPackage()))
  const plain = saved(await store.packages.create(softwarePackage({ programs: [program('Install')] })))
  for (const { id } of [image, upgrade, drivers, plain]) {
    saved(await store.addContent(id, [file('old')]))
    saved(await store.addContent(id, [file('new')]))
  }
  const content = await policyContent(store, [
    { id: image.id, kind: 'operating-system-image', stepName },
    { id: upgrade.id, kind: 'operating-system-upgrade-package', stepName },
    { id: drivers.id, kind: 'driver-package', stepName },
    { id: plain.id, kind: 'package', stepName },
    { id: plain.id, kind: 'package', stepName },
  ])
  const newest = { version: 2, files: [file('new')] }
  t.deepEqual(content, [
    { id: image.id, name: image.name, ...newest, kind: 'operating-system-image' },
    { id: upgrade.id, name: upgrade.name, ...newest, kind: 'operating-system-upgrade-package' },
    { id: drivers.id, name: drivers.name, ...newest, kind: 'driver-package', driverSystem: 'linux' },
    { id: plain.id, name: plain.name, ...newest, kind: 'package', programs: [program('Install')] },
  ])
})

test('a package without files is an entry without files, and its programs', async (t) => {
  const { store } = await openSqliteSite(t)
  const { id, name } = saved(await store.packages.create(softwarePackage({ programs: [program('Run')] })))
  t.deepEqual(await policyContent(store, [{ id, kind: 'package', stepName }]), [
    { id, name, version: 0, files: [], kind: 'package', programs: [program('Run')] },
  ])
})

test('S2-030, S2-031: an application comes with all it depends on and what these replace', async (t) => {
  const { store } = await openSqliteSite(t)
  const old = saved(await store.applications.create(application({ name: 'Old', enabled: false })))
  const base = saved(
    await store.applications.create(
      application({ name: 'Base', supersedes: [{ applicationId: old.id, uninstall: true }] }),
    ),
  )
  const middle = saved(await store.applications.create(application({ name: 'Middle', dependencies: [base.id] })))
  const deploymentTypes = [scriptType({ contentFolder: 'deb' })]
  const upper = saved(
    await store.applications.create(
      application({ name: 'Upper', deploymentTypes, dependencies: [middle.id, base.id] }),
    ),
  )
  saved(await store.addContent(upper.id, [file('install')], { folder: 'deb' }))
  const content = await policyContent(store, [{ id: upper.id, kind: 'application', stepName }])
  t.deepEqual(content.map(({ name }) => name).sort(), ['Base', 'Middle', 'Old', 'Upper'])
  t.deepEqual(
    content.find(({ id }) => id === upper.id),
    {
      id: upper.id,
      name: 'Upper',
      version: 1,
      files: [file('deb/install')],
      kind: 'application',
      application: {
        version: '1',
        allowInstallFromTaskSequence: false,
        deploymentTypes,
        dependencies: [middle.id, base.id],
        supersedes: [],
      },
    },
  )
})

test('S2-068: a sequence that asks for drivers gets those that fit the machine, and another one does not', async (t) => {
  const { store } = await openSqliteSite(t)
  const names = ['fits', 'other model', 'disabled']
  const models = [{ manufacturer: 'LENOVO', model: '20X*' }]
  const drafts = [
    driverPackage({ models }),
    driverPackage({ models: [{ manufacturer: 'LENOVO', model: '30' }] }),
    driverPackage({ models, enabled: false }),
  ]
  for (const [index, draft] of drafts.entries()) {
    const { id } = saved(await store.driverPackages.create({ ...draft, name: names[index] ?? '' }))
    saved(await store.addContent(id, [file('x')]))
  }
  const machine = { manufacturer: 'LENOVO', model: '20XW', hardwareIds: [] }
  const asking = sequenceOf({ name: 'S', children: [{ action: { type: 'auto-apply-drivers' } }] })
  t.like(await fittingDrivers(store, asking, machine), [
    { name: 'fits', driverSystem: 'linux', driverFit: 'model', driverCategories: ['Network'] },
  ])
  t.is((await fittingDrivers(store, asking, machine)).length, 1)
  const children = [{ disabled: true, action: { type: 'auto-apply-drivers' } }]
  t.deepEqual(await fittingDrivers(store, sequenceOf({ name: 'S', children }), machine), [])
})

test('S2-029, S2-032, S2-036: a step with a dynamic list gets what allows it and can be used, and another step nothing', async (t) => {
  const { store } = await openSqliteSite(t)
  const allow = { allowInstallFromTaskSequence: true }
  const listed = saved(
    await store.packages.create(softwarePackage({ programs: [{ ...program('Install'), ...allow }] })),
  )
  saved(await store.packages.create(softwarePackage({ name: 'Not allowed', programs: [program('Install')] })))
  const app = saved(await store.applications.create(application({ ...allow, deploymentTypes: [scriptType({})] })))
  const type = scriptType({ contentFolder: 'deb' })
  saved(await store.applications.create(application({ name: 'Empty', ...allow, deploymentTypes: [type] })))
  saved(await store.applications.create(application({ name: 'Retired', ...allow, enabled: false })))
  const sequence = (...actions: object[]) => sequenceOf({ name: 'S', children: actions.map((action) => ({ action })) })
  const packages = { type: 'install-package', baseVariable: 'Pkg' }
  const applications = { type: 'install-application', baseVariable: 'App' }
  const ids = async (...actions: object[]) => (await listedContent(store, sequence(...actions))).map(({ id }) => id)
  t.deepEqual(await ids(packages, applications), [listed.id, app.id])
  t.deepEqual(await ids(packages), [listed.id])
  t.deepEqual(await ids({ type: 'install-application', applications: [app.id] }), [])
})

test('S1-073, S1-036: what is missing is named with its step before the first step', async (t) => {
  const { store } = await openSqliteSite(t)
  const upgrade = saved(await store.operatingSystemUpgradePackages.create(upgradePackage()))
  const drivers = saved(await store.driverPackages.create(driverPackage()))
  const type = scriptType({ contentFolder: 'deb' })
  const empty = saved(await store.applications.create(application({ deploymentTypes: [type] })))
  const retired = saved(await store.applications.create(application({ name: 'Retired', enabled: false })))
  const nowhere = packageId('RVL0FFFF')
  const cases = [
    [
      upgrade.id,
      'operating-system-upgrade-package',
      /^Step "Install": operating system upgrade package .* has no content\./,
    ],
    [drivers.id, 'driver-package', /^Step "Install": driver package .* has no content\./],
    [nowhere, 'package', /^Step "Install": package RVL0FFFF has no content\./],
    [empty.id, 'application', /^Step "Install": application .* has no content for its deployment type Script\./],
    [retired.id, 'application', /^Step "Install": application .* is disabled\./],
    [nowhere, 'application', /^Step "Install": application RVL0FFFF is not there\./],
  ] as const
  for (const [id, kind, message] of cases)
    await t.throwsAsync(policyContent(store, [{ id, kind, stepName }]), { message })
})

test('A03: a run opens the files of its packages, and of the policy it was given last', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const { id } = saved(await site.store.packages.create(softwarePackage()))
  const authorization = `Bearer ${adminToken}`
  const headers = { authorization, 'content-type': 'application/octet-stream' }
  const start = async (runTokenSha256: string) => {
    const content = await policyContent(site.store, [{ id, kind: 'package', stepName }])
    const { run, ...rest } = newRun({ startedAtMs: site.clock.nowMs })
    return site.store.startRun({ ...rest, run: { ...run, policy: { ...run.policy, content } }, runTokenSha256 })
  }
  const send = async (text: string) => {
    const body = await tarOf([{ name: 'doc/Read me @1.txt', text }])
    return site.ask('PUT', `/api/v1/packages/${id}/content`, { headers, body })
  }
  const fetch = async (version: number, token: string) =>
    site.ask('GET', `/content/${id}/${version}/doc/Read%20me%20%401.txt`, {
      headers: { authorization: `Bearer ${token}` },
    })
  t.is((await send('first')).status, 201)
  await start(hashToken('run-token-1-0123456789'))
  t.is((await fetch(1, 'run-token-1-0123456789')).body.toString(), 'first')
  await send('second')
  t.is((await fetch(2, 'run-token-1-0123456789')).status, 404, 'a running copy never changes')
  t.is((await fetch(1, 'run-token-1-0123456789')).body.toString(), 'first')
  // The same agent starts again before it has said anything: the same run, with what is newest now.
  await start(hashToken('run-token-2-0123456789'))
  t.is((await fetch(2, 'run-token-2-0123456789')).body.toString(), 'second')
  t.is((await fetch(1, 'run-token-2-0123456789')).status, 404)
  t.is((await fetch(2, 'run-token-3-0123456789')).status, 401)
})
