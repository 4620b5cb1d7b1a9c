/** A program that adds a small blob and then one that does not fit, and prints what the library said. */

import { ContentError } from '../../server/content/content-error.ts'
import { ContentLibrary } from '../../server/content/content-library.ts'
import { chunks } from './open-test-library.ts'

const [, , directory = ''] = process.argv
const library = await ContentLibrary.open({ directory })
await library.add(chunks('small'))
try {
  await library.add(chunks(...Array.from({ length: 100 }, () => 'x'.repeat(10_000))))
} catch (error) {
  process.stdout.write(error instanceof ContentError ? `${error.code} ${error.message}\n` : `${String(error)}\n`)
}
