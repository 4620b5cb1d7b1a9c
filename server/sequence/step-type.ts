/**
 * A step type: what a step of this kind does, where it runs, and the fields of its action (S2). The types themselves are
 * in step-types/, one file each, named as the field names them; step-types.ts is the table of all.
 */

import type { FieldTable, ValuesOf } from './field.ts'
import type { RecordOptions } from './fields.ts'

/** The Add menu of the editor, in its order. */
export const categories = ['general', 'software', 'disks', 'user-state', 'images', 'drivers', 'settings'] as const
export type Category = (typeof categories)[number]

export interface StepType<Type extends string = string, Table extends FieldTable = FieldTable> {
  readonly type: Type
  /** The name a person sees, as the source document prints it. */
  readonly title: string
  /** What the step does, in a sentence for the person who chooses it. */
  readonly about: string
  readonly category: Category
  /** S2 table, column Env. */
  readonly runsIn: 'boot-image' | 'installed-system' | 'both'
  /** Name of the type in the task sequence XML of the source system, without `SMS_TaskSequence_`. */
  readonly xmlName: string
  /** True: usable in a sequence that does not deploy an operating system (S2, introduction). */
  readonly withoutDeployment: boolean
  /** True: runs what the administrator wrote, who may not set read-only variables (S1-058). */
  readonly isCustom: boolean
  /** True: a failure ends the run, whatever Continue on error says (S1-032). */
  readonly isFatal: boolean
  /** Variables that the step sets besides those its fields name. */
  readonly outputs: readonly string[]
  /** Variables that the step reads and that are none of its fields. */
  readonly inputs: readonly string[]
  readonly fields: Table
  readonly together: RecordOptions<Table>
  /**
   * Members that several variables say together, such as arrays of them (S1-059), as a document would say them. They
   * decide instead of what `written` has, and are judged as a document is.
   */
  fromVariables?(variable: (name: string) => string, written: Written): Written
}

export type Written = Readonly<Record<string, unknown>>

type Usual = 'withoutDeployment' | 'isCustom' | 'isFatal' | 'outputs' | 'inputs' | 'together'

export function defineStepType<const Type extends string, const Table extends FieldTable>(
  definition: Omit<StepType<Type, Table>, Usual> & Partial<Pick<StepType<Type, Table>, Usual>>,
): StepType<Type, Table> {
  return {
    withoutDeployment: false,
    isCustom: false,
    isFatal: false,
    outputs: [],
    inputs: [],
    together: {},
    ...definition,
  }
}

/** The action that a step of this type carries: plain JSON. */
export type ActionOf<S> =
  S extends StepType<infer Type, infer Table> ? { readonly type: Type } & ValuesOf<Table> : never
