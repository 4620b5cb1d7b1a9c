/** Task sequence variables (S1-050 to S1-072): case-blind names, limits, read-only names, secrets. */

export interface Environment {
  /** Keyed by the lower-case name, in the order they were first set. */
  readonly variables: Readonly<Record<string, Variable>>
}

export interface Variable {
  /** As it was first written. */
  readonly name: string
  readonly value: string
  /** Masked wherever it would be shown. */
  readonly secret: boolean
}

/** S1-051, S1-053. */
export const variableNameCharactersMax = 256
export const variableValueCharactersMax = 4_000
export const environmentBytesMax = 32 * 1024 * 1024
