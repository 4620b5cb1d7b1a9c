/** Set Dynamic Variables (S2-021 to S2-024): asks the machine, and lets the rules decide. */

import { evaluateDynamicVariables } from '../../server/sequence/evaluate-dynamic-variables.ts'
import type { SetDynamicVariables } from '../../server/sequence/step-types/set-dynamic-variables.ts'
import { readMachineFacts } from '../machine-facts.ts'
import type { StepContext, StepResult } from '../step-context.ts'

export async function setDynamicVariables(action: SetDynamicVariables, context: StepContext): Promise<StepResult> {
  const facts = await readMachineFacts(context.hardware)
  const { variables, held } = evaluateDynamicVariables(action, facts, context.environment)
  for (const [index, holds] of held.entries()) {
    context.output('log', `rule ${index + 1}: ${holds ? 'holds' : 'does not hold'}`)
  }
  return { exitCode: 0, message: '', variables }
}
