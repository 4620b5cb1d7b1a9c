/** The suite in medium-suite.ts over SQLite. */

import { mediumSuite } from './medium-suite.ts'
import { openSqliteSite } from './open-test-store.ts'

mediumSuite(openSqliteSite)
