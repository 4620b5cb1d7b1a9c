/** The suite in content-object-suite.ts over SQLite. */

import { contentObjectSuite } from './content-object-suite.ts'
import { openSqliteSite } from './open-test-store.ts'

contentObjectSuite(openSqliteSite)
