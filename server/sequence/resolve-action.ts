/**
 * An action as `run-step` hands it out: action variables that are set take the place of what the document says (S1-056),
 * `%variables%` in texts are replaced (S1-060), and the result is judged as a document is, because values come from
 * devices, collections and scripts, whom nobody has checked.
 */

import { type Environment, getVariable, valueOf } from './environment.ts'
import type { Field, Texts } from './field.ts'
import { parseAction } from './parse-action.ts'
import { type Action, stepTypeOf } from './step-types.ts'
import type { Findings } from './read-document.ts'
import { substitute, substituteMasked } from './substitute.ts'

export type ResolvedAction =
  | { readonly kind: 'resolved'; readonly action: Action }
  /** A value does not fit its field; the message names it and never holds it. */
  | { readonly kind: 'unusable'; readonly message: string }

export function resolveAction(action: Action, environment: Environment): ResolvedAction {
  const texts = textsOf(environment)
  const written = new Map(Object.entries(action))
  const resolved = new Map<string, unknown>([['type', action.type]])
  const sources = new Map<string, string>()
  for (const [name, field] of Object.entries(stepTypeOf(action).fields)) {
    const { variable } = field
    if (variable !== undefined && valueOf(environment, variable) !== '') {
      sources.set(name, variable)
      resolved.set(name, valueFrom(variable, { field, texts, environment }))
    } else if (written.has(name)) {
      resolved.set(name, field.resolve(written.get(name), texts))
    }
  }
  const document = Object.fromEntries(resolved)
  const arrays = stepTypeOf(action).fromVariables?.((name) => valueOf(environment, name), document)
  const findings: Findings = { faults: [], warnings: [] }
  const read = parseAction({ value: { ...document, ...arrays }, path: '', findings })
  const [first] = findings.faults
  if (read !== undefined && first === undefined) return { kind: 'resolved', action: read }
  const source = sources.get(first?.path ?? '') ?? first?.path ?? ''
  return { kind: 'unusable', message: `${source} cannot be used with the present variables. ${first?.message ?? ''}` }
}

interface VariableUse {
  readonly field: Field<unknown>
  readonly texts: Texts
  readonly environment: Environment
}

/** A text is taken in as any other, so that one for a screen stays masked. */
function valueFrom(variable: string, { field, texts, environment }: VariableUse): unknown {
  if (field.form.kind === 'text') return field.resolve(`%${variable}%`, texts)
  return field.fromText(valueOf(environment, variable))
}

function textsOf(environment: Environment): Texts {
  return {
    fill: (text) => substitute(text, environment),
    fillShown: (text) => substituteMasked(text, environment),
    isUnset: (text) => {
      const [, name] = /^%([^%]+)%$/.exec(text) ?? []
      return name !== undefined && getVariable(environment, name) === undefined
    },
  }
}
