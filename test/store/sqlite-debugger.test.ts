/** The suite in debugger-suite.ts over SQLite. */

import { debuggerSuite } from './debugger-suite.ts'
import { openSqliteSite } from './open-test-store.ts'

debuggerSuite(openSqliteSite)
