/**
 * What a person at the machine is asked for before a run that he chose (S1-068, S6-051): names of the machine's variables
 * without a value, and whether what is typed is shown. `SMSTSPreferredAdvertID` is none of them: it would come too late.
 */

import { emptyVariablesMax, type Choice } from '../../contract/agent.ts'
import { preferredVariable } from '../../targeting/preferred-deployment.ts'
import { withoutValue } from '../../site/site-variable.ts'
import type { Machine } from './machine-standing.ts'

/** Of a choice; a preferred or required deployment starts without a question. */
export function askedFor({ facts, selection }: Pick<Machine, 'facts' | 'selection'>): Pick<Choice, 'emptyVariables'> {
  if (selection.kind !== 'choose') return {}
  const asked = withoutValue(facts.variables).filter(
    ({ name }) => name.toLowerCase() !== preferredVariable.toLowerCase(),
  )
  return asked.length === 0 ? {} : { emptyVariables: asked.slice(0, emptyVariablesMax) }
}
