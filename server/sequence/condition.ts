/**
 * Conditions (S1-020 to S1-023). The root is an implicit AND; `all`, `any` and `none` nest.
 * Only variables are asked here: whoever needs a fact of the machine puts it into the environment.
 */

export type Condition =
  | { readonly kind: 'all' | 'any' | 'none'; readonly conditions: readonly Condition[] }
  | VariableCondition

export interface VariableCondition {
  readonly kind: 'variable'
  readonly variable: string
  readonly operator: VariableOperator
  /** Not used by `exists` and `not-exists`. */
  readonly value: string
}

export const variableOperators = [
  'exists',
  'not-exists',
  'equals',
  'not-equals',
  'less',
  'less-equal',
  'greater',
  'greater-equal',
  'like',
  'not-like',
] as const
export type VariableOperator = (typeof variableOperators)[number]
