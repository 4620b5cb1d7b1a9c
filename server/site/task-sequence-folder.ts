/** Folders of task sequences (S1-099): a tree beside the sequences, for people to find their way. Nothing is decided by them. */

import type { TaskSequenceFolderId } from '../address/identifiers.ts'

export interface TaskSequenceFolder {
  readonly id: TaskSequenceFolderId
  readonly name: string
  /** Absent: it stands in the root. */
  readonly parentId?: TaskSequenceFolderId
  readonly revision: number
}

/** Ours: room for a sentence, and far more levels than a person keeps in mind. */
export const folderNameCharactersMax = 100
export const folderDepthMax = 10

type Placed = Pick<TaskSequenceFolder, 'id' | 'parentId'>

/** Why a folder cannot stand where it wants to, among all folders as they are; undefined: it can. */
export function whyNotThere(folders: readonly Placed[], folder: Placed): string | undefined {
  const others = folders.filter(({ id }) => id !== folder.id)
  if (folder.parentId !== undefined && !folders.some(({ id }) => id === folder.parentId)) {
    return `folder ${folder.parentId} does not exist`
  }
  const above = ancestorsOf(others, folder)
  if (above === undefined) return 'a folder cannot be moved into itself or into a folder under it'
  const depth = above.length + levelsFrom(others, folder.id)
  return depth > folderDepthMax ? `folders stand in one another at most ${folderDepthMax} deep` : undefined
}

/** Undefined: the way up does not end in the root, because the folder itself is on it. */
function ancestorsOf(others: readonly Placed[], folder: Placed): readonly TaskSequenceFolderId[] | undefined {
  const above: TaskSequenceFolderId[] = []
  for (let id = folder.parentId; id !== undefined; id = parentOf(others, id)) {
    if (id === folder.id || above.includes(id)) return undefined
    above.push(id)
  }
  return above
}

function parentOf(folders: readonly Placed[], id: TaskSequenceFolderId): TaskSequenceFolderId | undefined {
  return folders.find((folder) => folder.id === id)?.parentId
}

/** The folder itself is one level. */
function levelsFrom(others: readonly Placed[], id: TaskSequenceFolderId): number {
  const children = others.filter(({ parentId }) => parentId === id)
  return 1 + Math.max(0, ...children.map((child) => levelsFrom(others, child.id)))
}
