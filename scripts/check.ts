/** The quick part of the tests, for every commit: format, types, lint, dead code, and all tests that boot no machine. */

import { checkSteps } from './check-steps.ts'
import { closeWith } from './run-step.ts'

process.exitCode = closeWith(await checkSteps(false))
