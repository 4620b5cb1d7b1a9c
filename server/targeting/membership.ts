/**
 * Who is in a collection: direct members, and the built-in kinds by rule. A known device is never in All Unknown
 * Computers, and an unknown computer is in nothing else (S6-014, S6-015), so neither is ever served the other's deployments.
 */

import type { Collection } from '../site/collection.ts'
import type { Device } from '../site/device.ts'
import type { UnknownComputer } from '../site/unknown-computer.ts'

export type Machine = Device | UnknownComputer

export function isMember(collection: Collection, machine: Machine): boolean {
  const device = isUnknownComputer(machine) ? undefined : machine
  switch (collection.kind) {
    case 'all-systems':
      return device !== undefined
    case 'all-unknown-computers':
      return device === undefined
    case 'user':
      return device !== undefined && collection.directMembers.includes(device.id)
    default:
      return collection.kind satisfies never
  }
}

/** The collections of a machine, in the order given. */
export function collectionsOf(collections: readonly Collection[], machine: Machine): readonly Collection[] {
  return collections.filter((collection) => isMember(collection, machine))
}

export function isUnknownComputer(machine: Machine): machine is UnknownComputer {
  return 'kind' in machine && machine.kind === 'unknown-computer'
}
