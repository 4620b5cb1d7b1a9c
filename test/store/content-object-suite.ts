/** What every store must do with packages, upgrade packages, driver packages and applications. */

import test from 'ava'
import { contentFilesMax } from '../../server/site/content.ts'
import type { OpenSite } from './open-test-store.ts'
import {
  application,
  applyImage,
  driverPackage,
  file,
  hash,
  packageId,
  program,
  saved,
  scriptType,
  softwarePackage,
  taskSequence,
  upgradePackage,
} from './site-builders.ts'

export function contentObjectSuite(open: OpenSite): void {
  test('packages and their like come back as they were given, after a restart too', async (t) => {
    const { store, reopen } = await open(t)
    const plain = saved(await store.packages.create(softwarePackage({ programs: [program('Install')] })))
    const upgrade = saved(await store.operatingSystemUpgradePackages.create(upgradePackage()))
    const drivers = saved(await store.driverPackages.create(driverPackage()))
    const editor = saved(
      await store.applications.create(application({ deploymentTypes: [scriptType({ contentFolder: 'deb' })] })),
    )
    saved(await store.addContent(drivers.id, [{ ...file('6.12.0/net.ko'), executable: true }]))
    const again = await reopen()
    t.deepEqual(await again.packages.list(), [plain])
    t.deepEqual(await again.operatingSystemUpgradePackages.get(upgrade.id), upgrade)
    t.deepEqual(await again.applications.list(), [editor])
    t.deepEqual(await again.driverPackages.get(drivers.id), {
      ...drivers,
      revision: 2,
      content: { contentId: drivers.id, version: 1, files: [{ ...file('6.12.0/net.ko'), executable: true }] },
    })
    t.is(await again.packages.get(drivers.id), undefined, 'an identifier belongs to one kind')
    t.deepEqual(await again.packages.remove(drivers.id, undefined), { kind: 'not-found' })
  })

  test('names are unique within their kind, without regard to case', async (t) => {
    const { store } = await open(t)
    const first = saved(await store.packages.create(softwarePackage({ name: 'Tools' })))
    const reason = `the name "TOOLS" is taken by Tools (${first.id})`
    t.deepEqual(await store.packages.create(softwarePackage({ name: 'TOOLS' })), { kind: 'refused', reason })
    saved(await store.driverPackages.create(driverPackage({ name: 'Tools' })))
    t.like(saved(await store.packages.replace(first.id, softwarePackage({ name: 'tools' }), 1)), { revision: 2 })
    t.is((await store.packages.create(softwarePackage({ name: ' ' }))).kind, 'refused')
  })

  test('S1-006: what a step refers to is not removed, and the refusal names the task sequence', async (t) => {
    const { store } = await open(t)
    const upgrade = saved(await store.operatingSystemUpgradePackages.create(upgradePackage()))
    const sequence = saved(await store.taskSequences.create(taskSequence({ children: [applyImage(upgrade.id)] })))
    t.deepEqual(await store.operatingSystemUpgradePackages.remove(upgrade.id, undefined), {
      kind: 'refused',
      reason: `task sequence Install Debian (${sequence.id}) uses it`,
    })
    saved(await store.taskSequences.remove(sequence.id, undefined))
    saved(await store.operatingSystemUpgradePackages.remove(upgrade.id, undefined))
  })

  test('content that goes with its package is not kept any longer', async (t) => {
    const { store } = await open(t)
    const plain = saved(await store.packages.create(softwarePackage()))
    saved(await store.addContent(plain.id, [file('a', 'd')]))
    t.true((await store.keptContent()).has(hash('d')))
    t.is(await store.bootImageFiles(plain.id, 1), undefined, 'it is not public')
    saved(await store.packages.remove(plain.id, undefined))
    t.false((await store.keptContent()).has(hash('d')))
  })

  test('a folder of the content is replaced, and the others stay', async (t) => {
    const { store } = await open(t)
    const { id } = saved(await store.applications.create(application()))
    saved(await store.addContent(id, [file('a'), file('b')], { folder: 'deb' }))
    saved(await store.addContent(id, [file('a')], { folder: 'rpm' }))
    t.deepEqual(saved(await store.addContent(id, [file('c')], { folder: 'deb' })), { version: 3 })
    const content = (await store.applications.get(id))?.content
    t.deepEqual(
      content?.files.map(({ name }) => name),
      ['rpm/a', 'deb/c'],
    )
    const many = Array.from({ length: contentFilesMax }, (_, index) => file(`f${index}`))
    t.is((await store.addContent(id, many, { folder: 'deb' })).kind, 'refused')
    t.is((await store.applications.get(id))?.revision, 4, 'what was refused changes nothing')
  })

  test('S2-035: programs run others first that exist, and never one another', async (t) => {
    const { store } = await open(t)
    const first = saved(await store.packages.create(softwarePackage({ programs: [program('A'), program('B')] })))
    const own = { packageId: first.id, programName: 'A' }
    saved(await store.packages.replace(first.id, softwarePackage({ programs: [program('A'), program('B', own)] }), 1))
    const loop = [program('A', { packageId: first.id, programName: 'B' }), program('B', own)]
    t.deepEqual(await store.packages.replace(first.id, softwarePackage({ programs: loop }), 2), {
      kind: 'refused',
      reason: `programs would run one another first: ${first.id}:A, ${first.id}:B, ${first.id}:A`,
    })
    const nowhere = program('A', { packageId: packageId('RVL0FFFF'), programName: 'A' })
    t.deepEqual(await store.packages.replace(first.id, softwarePackage({ programs: [nowhere] }), 2), {
      kind: 'refused',
      reason: 'program A runs RVL0FFFF:A first, and there is no such program',
    })
    saved(await store.packages.remove(first.id, 2))
  })

  test('S2-030, S2-031: applications need and replace others that exist, and never themselves', async (t) => {
    const { store } = await open(t)
    const base = saved(await store.applications.create(application({ name: 'Base' })))
    const upper = saved(await store.applications.create(application({ name: 'Upper', dependencies: [base.id] })))
    const cycle = await store.applications.replace(base.id, application({ dependencies: [upper.id] }), undefined)
    const reason = `applications would depend on one another: ${base.id}, ${upper.id}, ${base.id}`
    t.deepEqual(cycle, { kind: 'refused', reason })
    const nowhere = application({ supersedes: [{ applicationId: packageId('RVL0FFFF'), uninstall: false }] })
    t.deepEqual(await store.applications.create(nowhere), {
      kind: 'refused',
      reason: 'application RVL0FFFF does not exist',
    })
    t.deepEqual(await store.applications.remove(base.id, undefined), {
      kind: 'refused',
      reason: `application Upper (${upper.id}) uses it`,
    })
  })
}
