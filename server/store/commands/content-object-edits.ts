/** Edits of packages, operating system upgrade packages, driver packages and applications, and of what they refer to. */

import { forgetContent } from '../rows/assigned-content-rows.ts'
import type { Transaction } from 'kysely'
import type { PackageId } from '../../address/identifiers.ts'
import type { Application } from '../../site/application.ts'
import type { ContentObject, ContentObjectKind } from '../../site/content-object.ts'
import { findCycle } from '../../site/find-cycle.ts'
import { type Package, printProgramReference } from '../../site/package.ts'
import { readContentObject, readContentObjects, writeContentObject } from '../rows/content-object-rows.ts'
import type { Schema } from '../schema.ts'
import { takePackageId } from './counters.ts'
import type { ObjectKind } from './edit-object.ts'
import { refuseInUse, refuseTakenContentObjectName, refuseUsedPackage } from './refusals.ts'

type Kept<Kind extends ContentObjectKind> = Omit<ObjectKind<PackageId, ContentObject<Kind>>, 'build'>

/** What all of them share; `build` is spelled out for each, so that its fields are checked. */
function kept<Kind extends ContentObjectKind>(kind: Kind): Kept<Kind> {
  return {
    audited: kind,
    nameOf: ({ name }) => name,
    takeId: takePackageId,
    read: (db, id) => readContentObject(db, kind, id),
    refuseSaving: ({ tx }, object) => refuseTakenContentObjectName(tx, kind, object),
    refuseRemoving: ({ tx }, { id }) => refuseUsedPackage(tx, id),
    write: (db, object) => writeContentObject(db, kind, object),
    async remove(db, id) {
      await forgetContent(db, id)
      await db.deleteFrom('driver_indexes').where('content_id', '=', id).execute()
      await db.deleteFrom('content_objects').where('id', '=', id).execute()
    },
  }
}

export const operatingSystemUpgradePackageKind: ObjectKind<
  PackageId,
  ContentObject<'operating-system-upgrade-package'>
> = {
  ...kept('operating-system-upgrade-package'),
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
}

const keptDriverPackage = kept('driver-package')
export const driverPackageKind: ObjectKind<PackageId, ContentObject<'driver-package'>> = {
  ...keptDriverPackage,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  async refuseSaving(writing, value, old) {
    if (old?.content !== undefined && old.system !== value.system) return `its files are for ${old.system}`
    return keptDriverPackage.refuseSaving(writing, value, old)
  },
}

const keptPackage = kept('package')
export const packageKind: ObjectKind<PackageId, Package> = {
  ...keptPackage,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  async refuseSaving(writing, value, old) {
    return (await keptPackage.refuseSaving(writing, value, old)) ?? refusePrograms(writing.tx, value)
  },
  async refuseRemoving(writing, value) {
    const users = packagesThatRunFirst(await readContentObjects(writing.tx, 'package'), value, () => true)
    return (await keptPackage.refuseRemoving(writing, value)) ?? refuseInUse('package', users)
  },
}

async function refusePrograms(tx: Transaction<Schema>, value: Package): Promise<string | undefined> {
  const stored = await readContentObjects(tx, 'package')
  const all = [...stored.filter(({ id }) => id !== value.id), value]
  const first = new Map(
    all.flatMap(({ id, programs }) =>
      programs.map(({ name, runFirst }) => [
        printProgramReference({ packageId: id, programName: name }),
        runFirst === undefined ? [] : [printProgramReference(runFirst)],
      ]),
    ),
  )
  for (const { name, runFirst } of value.programs) {
    if (runFirst === undefined) continue
    const wanted = printProgramReference(runFirst)
    if (!first.has(wanted)) return `program ${name} runs ${wanted} first, and there is no such program`
    const cycle = findCycle(
      printProgramReference({ packageId: value.id, programName: name }),
      (key) => first.get(key) ?? [],
    )
    if (cycle !== undefined) return `programs would run one another first: ${[...cycle, cycle[0]].join(', ')}`
  }
  const names = new Set(value.programs.map(({ name }) => name))
  const users = packagesThatRunFirst(stored, value, (name) => !names.has(name))
  const inUse = refuseInUse('package', users)
  return inUse && `a program that would be gone is run first elsewhere: ${inUse}`
}

/** Other packages with a program that runs one of this package's first. */
function packagesThatRunFirst(
  all: readonly Package[],
  { id }: Package,
  isMeant: (programName: string) => boolean,
): readonly string[] {
  return all
    .filter((one) => one.id !== id)
    .filter(({ programs }) =>
      programs.some(({ runFirst }) => runFirst?.packageId === id && isMeant(runFirst.programName)),
    )
    .map((one) => `${one.name} (${one.id})`)
}

const keptApplication = kept('application')
export const applicationKind: ObjectKind<PackageId, Application> = {
  ...keptApplication,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  async refuseSaving(writing, value, old) {
    return (await keptApplication.refuseSaving(writing, value, old)) ?? refuseRelations(writing.tx, value)
  },
  async refuseRemoving(writing, value) {
    const users = (await readContentObjects(writing.tx, 'application'))
      .filter((one) => [...one.dependencies, ...supersededBy(one)].includes(value.id))
      .map((one) => `${one.name} (${one.id})`)
    return (await keptApplication.refuseRemoving(writing, value)) ?? refuseInUse('application', users)
  },
}

/** S2-030, S2-031: both chains are followed to their ends by whoever installs. */
async function refuseRelations(tx: Transaction<Schema>, value: Application): Promise<string | undefined> {
  const stored = await readContentObjects(tx, 'application')
  const all = new Map([...stored, value].map((one) => [String(one.id), one]))
  const missing = [...value.dependencies, ...supersededBy(value)].find((id) => !all.has(id))
  if (missing !== undefined) return `application ${missing} does not exist`
  const needs = findCycle(value.id, (id) => all.get(id)?.dependencies ?? [])
  if (needs !== undefined) return `applications would depend on one another: ${[...needs, value.id].join(', ')}`
  const replaces = findCycle(value.id, (id) => supersededBy(all.get(id)))
  return replaces && `applications would supersede one another: ${[...replaces, value.id].join(', ')}`
}

function supersededBy(application: Application | undefined): readonly PackageId[] {
  return application?.supersedes.map(({ applicationId }) => applicationId) ?? []
}
