/**
 * The folder that `_SMSTSUserStatePath` names (S2-053), as a path below the volume that is emptied. The variable may hold
 * the path as Windows writes it, as the installed system sees it, or as the boot image does.
 */

import type { StepContext } from './step-context.ts'

export function userStateFolders({ variable, target }: Pick<StepContext, 'variable' | 'target'>): readonly string[] {
  const folder = folderBelow(variable('_SMSTSUserStatePath'), target.root)
  return folder === undefined ? [] : [folder]
}

/** Undefined for what names no folder below the volume: its root, or a way up. */
export function folderBelow(path: string, root: string): string | undefined {
  const plain = path
    .trim()
    .replace(/^[a-z]:/i, '')
    .replaceAll('\\', '/')
  const below = plain === root || plain.startsWith(`${root}/`) ? plain.slice(root.length) : plain
  const names = below.split('/').filter((name) => name !== '' && name !== '.')
  return names.length === 0 || names.includes('..') ? undefined : names.join('/')
}
