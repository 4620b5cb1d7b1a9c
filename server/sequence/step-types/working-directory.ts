/** Where a command or a script starts (S2-003, S2-012): absolute, or below the folder of its package. */

import type { TextForm } from '../fields.ts'

/** A relative folder may not lead out of the package's. */
export const startFolder: TextForm = {
  isGood: (value) => !value.split(/[\\/]/).includes('..') || value.startsWith('/'),
  advice: 'Give an absolute folder, or one below the package without "..".',
}

/** A file of a package, named from the package's folder. */
export const fileOfPackage: TextForm = {
  isGood: (value) => !/^(?:[\\/]|[a-z]:)/i.test(value) && !value.split(/[\\/]/).includes('..'),
  advice: 'Give the name of a file in the package, such as scripts/setup.ps1.',
}
