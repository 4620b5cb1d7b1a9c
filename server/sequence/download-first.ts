/**
 * "Download all content locally before starting task sequence" (S5-030): of a run in the installed system, the first step fetches
 * and verifies everything that the run may need, so that a failure ends it before anything has changed, and everybody sees how
 * far it is. Later steps take what lies there.
 */

import type { PackageId } from '../address/identifiers.ts'
import type { TaskSequence } from './task-sequence.ts'

export const downloadFirstStepName = 'Download all content'

/** The sequence as it runs, and whether that step is its first one: there may be nothing to fetch. */
export function withDownloadFirst(
  sequence: TaskSequence,
  content: readonly { readonly id: PackageId; readonly files: readonly unknown[] }[],
): { readonly sequence: TaskSequence; readonly downloadsFirst: boolean } {
  // Whatever it is: content is found by its id, and its kind is for those who choose it in the editor.
  const entries = content.filter(({ files }) => files.length > 0).map(({ id }) => ({ kind: 'package', id }) as const)
  if (entries.length === 0) return { sequence, downloadsFirst: false }
  const step = {
    kind: 'step',
    name: downloadFirstStepName,
    description: '',
    disabled: false,
    continueOnError: false,
    action: {
      type: 'download-package-content',
      content: entries,
      location: 'working-directory',
      customPath: '',
      continueOnFailure: false,
    },
  } as const
  return { sequence: { ...sequence, children: [step, ...sequence.children] }, downloadsFirst: true }
}
