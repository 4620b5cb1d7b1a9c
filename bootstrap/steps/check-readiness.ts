/** Check Readiness (S2-025 to S2-027): every check is made and said, then the step fails once, with code 4316. */

import { judgeReadiness, notReadyExitCode, readinessVariablesOf } from '../../server/sequence/judge-readiness.ts'
import type { CheckReadiness } from '../../server/sequence/step-types/check-readiness.ts'
import { readReadinessFacts } from '../readiness-facts.ts'
import type { StepContext, StepResult } from '../step-context.ts'

export async function checkReadiness(action: CheckReadiness, context: StepContext): Promise<StepResult> {
  const results = judgeReadiness(action, await readReadinessFacts(context))
  for (const { passed, message } of results) context.output('log', `${passed ? 'passed' : 'failed'} ${message}`)
  const failures = results.filter(({ passed }) => !passed)
  return {
    exitCode: failures.length === 0 ? 0 : notReadyExitCode,
    message:
      failures.length === 0 ? '' : `the machine is not ready: ${failures.map(({ message }) => message).join('; ')}`,
    variables: readinessVariablesOf(results),
  }
}
