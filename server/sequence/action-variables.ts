/**
 * An action's own variables (S1-056): what the step says for a field that has an action variable stands in the
 * environment under that name while the action runs, so that scripts and programs find it, and is gone afterwards. A
 * variable that somebody set stays, and decides instead of the document (resolve-action.ts).
 */

import { type Environment, getVariable, type Variable, variableValueCharactersMax } from './environment.ts'
import type { FieldForm } from './field.ts'
import { mentionsOf } from './mentions.ts'
import type { Run } from './run.ts'
import { type Action, stepTypeOf } from './step-types.ts'
import { mentionsSecret } from './substitute.ts'

/** Those that an action brings along: `written` as the document has it, which tells what is made from a secret. */
export function actionVariables(written: Action, action: Action, environment: Environment): readonly Variable[] {
  const values = new Map<string, unknown>(Object.entries(action))
  const texts = new Map<string, unknown>(Object.entries(written))
  const secrets = new Set(mentionsOf(action).flatMap(({ kind, path }) => (kind === 'secret' ? [path] : [])))
  return Object.entries(stepTypeOf(action).fields).flatMap(([field, { variable, form }]): readonly Variable[] => {
    if (variable === undefined || getVariable(environment, variable) !== undefined) return []
    const value = textOf(values.get(field), form)
    if (value === '' || value.length > variableValueCharactersMax) return []
    const secret = secrets.has(field) || mentionsSecret(textOf(texts.get(field), form), environment)
    return [{ name: variable, value, secret }]
  })
}

/** The environment without what the running action brought along: what a watcher is told of. */
export function lastingEnvironment({ environment, state }: Run): Environment {
  const names = state.kind === 'running-step' ? (state.actionVariables ?? []) : []
  if (names.length === 0) return environment
  const passing = new Set(names.map((name) => name.toLowerCase()))
  return { ...environment, variables: environment.variables.filter(({ name }) => !passing.has(name.toLowerCase())) }
}

/** As it would be written into the variable; empty for what no variable can say. */
function textOf(value: unknown, form: FieldForm): string {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    return form.kind === 'list' ? items.map((item) => textOf(item, form.item)).join(',') : ''
  }
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' ? String(value) : ''
}
