/** The suite in agent-suite.ts over SQLite. */

import { openSqliteSite } from './open-test-store.ts'
import { agentSuite } from './agent-suite.ts'

agentSuite(openSqliteSite)
