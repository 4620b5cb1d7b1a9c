/** Task sequences with everything around them, over SQLite. */

import { openSqliteSite } from './open-test-store.ts'
import { taskSequenceSuite } from './task-sequence-suite.ts'

taskSequenceSuite(openSqliteSite)
