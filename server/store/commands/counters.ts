/** Numbers that are never given twice: identifiers of objects, and the count that watchers follow. */

import { firstNumber, lastNumber, printIdentifier } from '../../address/identifiers.ts'
import type {
  CollectionId,
  DeploymentId,
  DeploymentTemplateId,
  DeviceId,
  DistributionPointGroupId,
  DistributionPointId,
  IdentifierKind,
  PackageId,
  TaskSequenceFolderId,
} from '../../address/identifiers.ts'
import { assert } from '../../assert.ts'
import { compiledOnce } from '../compiled-once.ts'
import type { CounterName } from '../schema.ts'
import type { Writing } from './writing.ts'

/** The first of `count` numbers in a row. */
export async function takeNumbers({ tx }: Writing, name: CounterName, count: number): Promise<number> {
  const [row] = await takeAfter(tx, { name, count })
  assert(row !== undefined, `no counter ${name}`)
  return row.next - count
}

const takeAfter = compiledOnce(
  (db, { name, count }: { readonly name: CounterName; readonly count: number }) =>
    db
      .updateTable('counters')
      .set((expression) => ({ next: expression('next', '+', count) }))
      .where('name', '=', name)
      .returning('next'),
  ({ name, count }) => [count, name],
)

/** Undefined: the site has used up the identifiers of this kind. */
export async function takePackageId(writing: Writing): Promise<PackageId | undefined> {
  return (await takeIdentifier(writing, 'package')) as PackageId | undefined
}

export async function takeCollectionId(writing: Writing): Promise<CollectionId | undefined> {
  return (await takeIdentifier(writing, 'collection')) as CollectionId | undefined
}

export async function takeDeploymentId(writing: Writing): Promise<DeploymentId | undefined> {
  return (await takeIdentifier(writing, 'deployment')) as DeploymentId | undefined
}

export async function takeDeviceId(writing: Writing): Promise<DeviceId> {
  return String(await takeNumbers(writing, 'device', 1)) as DeviceId
}

export async function takeFolderId(writing: Writing): Promise<TaskSequenceFolderId> {
  return String(await takeNumbers(writing, 'task-sequence-folder', 1)) as TaskSequenceFolderId
}

export async function takeTemplateId(writing: Writing): Promise<DeploymentTemplateId> {
  return String(await takeNumbers(writing, 'deployment-template', 1)) as DeploymentTemplateId
}

export async function takeDistributionPointId(writing: Writing): Promise<DistributionPointId> {
  return String(await takeNumbers(writing, 'distribution-point', 1)) as DistributionPointId
}

export async function takeDistributionPointGroupId(writing: Writing): Promise<DistributionPointGroupId> {
  return String(await takeNumbers(writing, 'distribution-point-group', 1)) as DistributionPointGroupId
}

async function takeIdentifier(writing: Writing, kind: IdentifierKind): Promise<string | undefined> {
  const number = await takeNumbers(writing, kind, 1)
  assert(number >= firstNumber[kind], `counter ${kind} is below its first number`)
  return number > lastNumber[kind] ? undefined : printIdentifier(writing.siteCode, number)
}
