/**
 * A task sequence: an ordered tree of groups and steps (S1-001 to S1-006). Plain JSON, immutable.
 * What a step does is its `action`; everything else belongs to the tree and to the engine.
 */

import type { PackageId } from '../address/identifiers.ts'
import type { Condition } from './condition.ts'
import type { Action } from './step-types.ts'

export interface TaskSequence {
  /** 1 to 50 characters (S1-010). */
  readonly name: string
  readonly description: string
  readonly children: readonly Node[]
}

export type Node = Group | Step

interface NodeSettings {
  /** 1 to 100 characters (S1-012). */
  readonly name: string
  /** Up to 255 characters (S1-013). */
  readonly description: string
  /** "Disable this step": skipped, its condition not looked at (S1-014). */
  readonly disabled: boolean
  readonly continueOnError: boolean
  /** Absent: always true. Evaluated once, just before the node would run (S1-020). */
  readonly condition?: Condition
}

export interface Group extends NodeSettings {
  readonly kind: 'group'
  /** The child whose steps these are, in a sequence that was put together for a run (expand-sequence.ts). */
  readonly taskSequence?: ChildSequence
  readonly children: readonly Node[]
}

export interface ChildSequence {
  readonly id: PackageId
  readonly name: string
  readonly revision: number
  /** False: the run fails when it gets here (S1-033). */
  readonly enabled: boolean
}

export interface Step extends NodeSettings {
  readonly kind: 'step'
  readonly action: Action
  /** After this the engine ends the action (S1-017). Absent: no limit. */
  readonly timeoutSeconds?: number
}

/** Where a node stands: the indexes from the root downwards, `[1, 0]` is the first child of the second node. */
export type NodePath = readonly number[]
