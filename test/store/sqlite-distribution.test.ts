/** The suite in distribution-suite.ts over SQLite. */

import { distributionSuite } from './distribution-suite.ts'
import { openSqliteSite } from './open-test-store.ts'

distributionSuite(openSqliteSite)
