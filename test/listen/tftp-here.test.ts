/** TFTP through the system calls, in the thread of everything else. */

import { testTftp } from './tftp-suite.ts'

testTftp({ options: { threads: 0 }, knowsDestinations: true, serially: false })
