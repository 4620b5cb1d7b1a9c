/** TFTP through Node's own sockets, which work everywhere. */

import { testTftp } from './tftp-suite.ts'

testTftp({ options: { through: 'node' }, knowsDestinations: false, serially: false })
