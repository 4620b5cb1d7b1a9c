/**
 * Every test that starts no machine; REVEILLE_THOROUGH=0 leaves out the slow ones. Each file is a process with mounts of its own: in
 * threads, a program that one file starts has for a moment whatever another file has open, and a volume is busy.
 */

import { fileURLToPath } from 'node:url'
import { slowTests } from './scripts/slow-tests.ts'

const leftOut = process.env['REVEILLE_THOROUGH'] === '0' ? slowTests : []

// What AVA starts for each file, with this process's environment.
process.env['REVEILLE_TEST_NODE'] = process.execPath
process.execPath = fileURLToPath(new URL('test/support/node-with-own-mounts.sh', import.meta.url))

export default {
  files: ['test/**/*.test.ts', '!test/end-to-end/**', ...leftOut.map((file) => `!${file}`)],
  extensions: ['ts'],
  timeout: '60s',
  workerThreads: false,
}
