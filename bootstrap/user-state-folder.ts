/**
 * The folder that `_SMSTSUserStatePath` names (S2-053), as a path below the volume that is emptied. The variable may hold
 * the path as Windows writes it, as the installed system sees it, or as the boot image does.
 */

import { type StepContext, StepFailed } from './step-context.ts'

/** Set by a capture into a folder of the machine. */
export const userStatePathVariable = '_SMSTSUserStatePath'

/** None while the variable is not set. What names no folder fails the step: it would be erased with the rest. */
export function userStateFolders({ variable, target }: Pick<StepContext, 'variable' | 'target'>): readonly string[] {
  const path = variable(userStatePathVariable)
  if (path.trim() === '') return []
  const folder = folderBelow(path, target.root)
  if (folder !== undefined) return [folder]
  throw new StepFailed(`${userStatePathVariable} is ${path}, which is no folder of the volume: nothing is erased`)
}

/** Undefined for what names no folder below the volume: its root, or a way up. */
function folderBelow(path: string, root: string): string | undefined {
  const plain = path
    .trim()
    .replace(/^[a-z]:/i, '')
    .replaceAll('\\', '/')
  const below = plain === root || plain.startsWith(`${root}/`) ? plain.slice(root.length) : plain
  const names = below.split('/').filter((name) => name !== '' && name !== '.')
  return names.length === 0 || names.includes('..') ? undefined : names.join('/')
}
