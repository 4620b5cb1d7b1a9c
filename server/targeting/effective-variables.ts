/**
 * The site variables a machine gets before its task sequence starts: those of its collections, then its own
 * (S1-063 to S1-066). An unknown computer has no record, so it gets collection variables only (S1-066). What a step
 * sets later overrides both and is the engine's matter.
 */

import type { CollectionId } from '../address/identifiers.ts'
import type { CollectionRules } from '../site/collection.ts'
import type { Device } from '../site/device.ts'
import type { SiteVariable } from '../site/site-variable.ts'

export type VariableSource = Pick<CollectionRules, 'id' | 'name' | 'variables' | 'variablePriority'>

/**
 * `collections` are the ones the machine is a member of. Names are case-blind, and the entry that wins is kept whole,
 * with its spelling and its secrecy. Between collections the higher priority number wins (S1-065); at equal
 * priority the higher collection identifier does, as with deployments, so the answer never depends on the order of rows.
 */
export function effectiveVariables(
  collections: readonly VariableSource[],
  device: Device | undefined,
): readonly SiteVariable[] {
  return strongestByName(layersOf(collections, device).map(({ variables }) => variables))
}

/** Where the value of a variable comes from. */
export type VariableOrigin =
  | { readonly kind: 'device' }
  | {
      readonly kind: 'collection'
      readonly collectionId: CollectionId
      readonly name: string
      readonly priority: number
    }

export interface ExplainedVariable {
  readonly variable: SiteVariable
  readonly from: VariableOrigin
  /** The values that it took the place of, the strongest first. */
  readonly overrides: readonly { readonly variable: SiteVariable; readonly from: VariableOrigin }[]
}

/** The same variables, by name, each with where it comes from and what it overrode. */
export function explainVariables(
  collections: readonly VariableSource[],
  device: Pick<Device, 'variables'> | undefined,
): readonly ExplainedVariable[] {
  const values = layersOf(collections, device).flatMap(({ from, variables }) =>
    variables.map((variable) => ({ variable, from })),
  )
  const byName = Map.groupBy(values.toReversed(), ({ variable }) => variable.name.toLowerCase())
  return [...byName]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, [strongest, ...overrides]]) => (strongest === undefined ? [] : [{ ...strongest, overrides }]))
}

interface Layer {
  readonly from: VariableOrigin
  readonly variables: readonly SiteVariable[]
}

/** The weakest first. */
function layersOf(
  collections: readonly VariableSource[],
  device: Pick<Device, 'variables'> | undefined,
): readonly Layer[] {
  const ofCollections = collections.toSorted(weakestFirst).map((collection): Layer => {
    const { id, name, variablePriority: priority, variables } = collection
    return { from: { kind: 'collection', collectionId: id, name, priority }, variables }
  })
  return device === undefined
    ? ofCollections
    : [...ofCollections, { from: { kind: 'device' }, variables: device.variables }]
}

/** Later lists are stronger; names are case-blind. */
export function strongestByName<T extends { readonly name: string }>(lists: readonly (readonly T[])[]): readonly T[] {
  return [...new Map(lists.flat().map((variable) => [variable.name.toLowerCase(), variable])).values()]
}

function weakestFirst(a: VariableSource, b: VariableSource): number {
  if (a.variablePriority !== b.variablePriority) return a.variablePriority - b.variablePriority
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}
