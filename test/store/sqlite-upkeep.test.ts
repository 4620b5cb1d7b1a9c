/** The suite in upkeep-suite.ts over SQLite. */

import { openSqliteSite } from './open-test-store.ts'
import { upkeepSuite } from './upkeep-suite.ts'

upkeepSuite(openSqliteSite)
