/** Who is in a collection, said word for word as it is defined, without plan or index: what those are compared with. */

import type { Collection } from '../../server/site/collection.ts'
import { compileDeviceQuery } from '../../server/targeting/evaluate-device-query.ts'
import { parseDeviceQuery } from '../../server/targeting/parse-device-query.ts'
import { isUnknownComputer, type Machine, querySubject } from '../../server/targeting/query-subject.ts'

export function isMemberByDefinition(collections: readonly Collection[], id: string, machine: Machine): boolean {
  const one = collections.find((candidate) => candidate.id === id)
  if (one === undefined) return false
  const isUnknown = isUnknownComputer(machine)
  if (one.kind !== 'user') return isUnknown === (one.kind === 'all-unknown-computers')
  const has = (other: string): boolean => isMemberByDefinition(collections, other, machine)
  const allSystems = collections.find(({ kind }) => kind === 'all-systems')?.id ?? ''
  const isListed = isUnknown
    ? one.unknownComputers.includes(machine.architecture)
    : one.directMembers.includes(machine.id)
  const isTaken = isListed || one.queries.some((query) => fits(query, machine)) || one.includes.some(has)
  return isTaken && !one.excludes.some(has) && has(one.limitingCollectionId ?? allSystems)
}

function fits(query: string, machine: Machine): boolean {
  const parsed = parseDeviceQuery(query)
  return parsed.kind === 'query' && compileDeviceQuery(parsed.query)(querySubject(machine)) === true
}
