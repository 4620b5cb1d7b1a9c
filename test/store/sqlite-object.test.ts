/** The suite in object-suite.ts over SQLite. */

import { openSqliteSite } from './open-test-store.ts'
import { objectSuite } from './object-suite.ts'

objectSuite(openSqliteSite)
