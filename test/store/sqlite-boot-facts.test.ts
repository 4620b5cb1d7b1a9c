/** The suite in boot-facts-suite.ts over SQLite. */

import { openSqliteSite } from './open-test-store.ts'
import { bootFactsSuite } from './boot-facts-suite.ts'

bootFactsSuite(openSqliteSite)
