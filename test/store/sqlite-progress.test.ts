/** The suite in progress-suite.ts over SQLite. */

import { openSqliteSite } from './open-test-store.ts'
import { progressSuite } from './progress-suite.ts'

progressSuite(openSqliteSite)
