/** The suite in access-suite.ts over SQLite. */

import { openSqliteSite } from './open-test-store.ts'
import { accessSuite } from './access-suite.ts'

accessSuite(openSqliteSite)
