/** Every test that starts no machine; REVEILLE_THOROUGH=0 leaves out the slow ones. */

import { slowTests } from './scripts/slow-tests.ts'

const leftOut = process.env['REVEILLE_THOROUGH'] === '0' ? slowTests : []

export default {
  files: ['test/**/*.test.ts', '!test/end-to-end/**', ...leftOut.map((file) => `!${file}`)],
  extensions: ['ts'],
  timeout: '60s',
}
