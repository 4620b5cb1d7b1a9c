/**
 * Task sequence variables (S1-050 to S1-072): case-blind names, limits, read-only names, secrets.
 * `%name%` in texts is the business of substitute.ts. Nothing here knows where a value came from, only whether
 * the engine or a step wants to set it.
 */

export interface Environment {
  /** In the order they were first set; no two of one name. */
  readonly variables: readonly Variable[]
  /** Values that secrets had before they were changed or deleted: an action may still speak of them. */
  readonly formerSecrets?: readonly string[]
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

/** Ours: the oldest are forgotten first. */
export const formerSecretsMax = 100

/**
 * Who sets: a step of the administrator's, which may not set read-only variables (S1-058); the product, which is the
 * policy and the built-in actions; the engine, whose own few short values find room in a full environment too.
 */
export type VariableAuthority = 'step' | 'product' | 'engine'

export interface VariableRefusal {
  readonly kind: 'refused'
  readonly code: 'bad-variable-name' | 'read-only-variable' | 'value-too-long' | 'environment-full'
  /** Says what to do; never holds the value. */
  readonly message: string
}

export type SetVariables = { readonly kind: 'set'; readonly environment: Environment } | VariableRefusal

export const emptyEnvironment: Environment = { variables: [] }

export function getVariable({ variables }: Environment, name: string): Variable | undefined {
  return variables[knowledgeOf(variables).index.get(keyOf(name)) ?? -1]
}

/** The value, or the empty text when the variable is not set: the two cannot be told apart (S1-054). */
export function valueOf(environment: Environment, name: string): string {
  return getVariable(environment, name)?.value ?? ''
}

/** Sets all or none. An empty value deletes (S1-054); a secret stays one until it is deleted (S1-071). */
export function setVariables(
  environment: Environment,
  assignments: readonly Variable[],
  by: VariableAuthority,
): SetVariables {
  const open = openEnvironment(environment)
  return assignVariables(open, assignments, by) ?? { kind: 'set', environment: open }
}

/** A copy to work on. One for many assignments, because a copy costs as much as the environment is large. */
export interface OpenEnvironment {
  readonly variables: Variable[]
  formerSecrets?: readonly string[]
}

export function openEnvironment({ variables, ...rest }: Environment): OpenEnvironment {
  const copy = variables.slice()
  // A run goes on from its newest environment, so what is known moves there; the older one is read anew when asked.
  knowledge.set(copy, knowledgeOf(variables))
  knowledge.delete(variables)
  return { variables: copy, ...rest }
}

/** Assigns all and returns nothing, or changes nothing and says why. */
export function assignVariables(
  open: OpenEnvironment,
  assignments: readonly Variable[],
  by: VariableAuthority,
): VariableRefusal | undefined {
  const changes = new Map<string, Variable>()
  const passing: string[] = []
  for (const { name, value, secret } of assignments) {
    const refusal = refuseName(name, by) ?? refuseValue(name, value)
    if (refusal !== undefined) return refusal
    const key = keyOf(name)
    const before = changes.get(key) ?? getVariable(open, name)
    const stays = before !== undefined && before.value !== ''
    if (stays && before.secret && before.value !== value) passing.push(before.value)
    changes.set(key, { name: stays ? before.name : name.trim(), value, secret: secret || (stays && before.secret) })
  }
  const known = knowledgeOf(open.variables)
  const bytes = known.bytes + growthBytes(open, changes)
  if (by !== 'engine' && bytes > environmentBytesMax) return environmentFull
  for (const [key, variable] of changes) change(open, key, variable)
  known.bytes = bytes
  if (passing.length > 0) {
    open.formerSecrets = [...new Set([...(open.formerSecrets ?? []), ...passing])].slice(-formerSecretsMax)
  }
  return undefined
}

/** S1-051, S1-052, S1-058; leading and trailing spaces do not count. */
export function refuseName(name: string, by: VariableAuthority): VariableRefusal | undefined {
  const trimmed = name.trim()
  if (trimmed.length > variableNameCharactersMax || !/^[a-z_][a-z0-9_-]*$/i.test(trimmed)) {
    const shown = JSON.stringify(trimmed.slice(0, shownCharactersMax))
    const message = `${shown} is not a variable name: use 1 to 256 letters, digits, "_" and "-", a letter first.`
    return { kind: 'refused', code: 'bad-variable-name', message }
  }
  if (by === 'step' && trimmed.startsWith('_')) {
    const message = `${trimmed.slice(0, shownCharactersMax)} is read-only, as every name that starts with "_": choose another name.`
    return { kind: 'refused', code: 'read-only-variable', message }
  }
  return undefined
}

const shownCharactersMax = 60

const environmentFull: VariableRefusal = {
  kind: 'refused',
  code: 'environment-full',
  message: 'All variables together would need more than 32 MB: set fewer or shorter ones.',
}

function keyOf(name: string): string {
  return name.trim().toLowerCase()
}

function refuseValue(name: string, value: string): VariableRefusal | undefined {
  if (value.length <= variableValueCharactersMax) return undefined
  const message = `The value for ${name.trim()} has ${value.length} characters: at most ${variableValueCharactersMax} are allowed.`
  return { kind: 'refused', code: 'value-too-long', message }
}

/** Two octets a character, as the field's own environment counts. */
function bytesOf({ name, value }: Variable): number {
  return 2 * (name.length + value.length)
}

function growthBytes(open: OpenEnvironment, changes: ReadonlyMap<string, Variable>): number {
  let growth = 0
  for (const variable of changes.values()) {
    const before = getVariable(open, variable.name)
    growth += (variable.value === '' ? 0 : bytesOf(variable)) - (before === undefined ? 0 : bytesOf(before))
  }
  return growth
}

function change({ variables }: OpenEnvironment, key: string, after: Variable): void {
  const known = knowledgeOf(variables)
  const place = known.index.get(key)
  if (after.value !== '') {
    known.index.set(key, place ?? variables.length)
    variables[place ?? variables.length] = after
  } else if (place !== undefined) {
    variables.splice(place, 1)
    known.index.delete(key)
    // Whatever stood behind it has another place now.
    if (place < variables.length) known.index = indexOf(variables)
  }
}

/** What is known of a list of variables, so that an environment of thousands is not read through at each step. */
interface Knowledge {
  /** Places by lower-case name. */
  index: Map<string, number>
  bytes: number
}

const knowledge = new WeakMap<readonly Variable[], Knowledge>()

function knowledgeOf(variables: readonly Variable[]): Knowledge {
  const known = knowledge.get(variables)
  if (known !== undefined) return known
  let bytes = 0
  for (const variable of variables) bytes += bytesOf(variable)
  const found = { index: indexOf(variables), bytes }
  knowledge.set(variables, found)
  return found
}

function indexOf(variables: readonly Variable[]): Map<string, number> {
  return new Map(variables.map(({ name }, place) => [keyOf(name), place]))
}
