/** The suite in membership-suite.ts over SQLite. */

import { openSqliteSite } from './open-test-store.ts'
import { membershipSuite } from './membership-suite.ts'

membershipSuite(openSqliteSite)
