/**
 * The files of a medium as a tree, in an order that depends on nothing but their names. The rules for names are the
 * strictest of all that read media: Windows and firmware (FAT, Joliet) do not tell case apart and forbid some characters,
 * Linux allows 255 octets of UTF-8. So the same content fits an ISO image and a stick. Names that Windows keeps for devices
 * (`aux.h`) are let through: content for Linux has them.
 */

import type { Layout } from './layout.ts'
import { type LayoutFault, type Refused, refuse } from './layout-fault.ts'
import { encodeUtf8 } from './text-octets.ts'

/** What goes onto a medium. Folders of files need not be named; a folder that is may be empty. */
export type MediaEntry =
  | { readonly kind: 'file'; readonly path: string; readonly content: Layout }
  | { readonly kind: 'folder'; readonly path: string }

export interface TreeFile {
  readonly kind: 'file'
  readonly name: string
  readonly path: string
  readonly content: Layout
}

export interface TreeFolder {
  readonly kind: 'folder'
  /** Empty for the root, as its path is. */
  readonly name: string
  readonly path: string
  /** By name. */
  readonly entries: readonly (TreeFile | TreeFolder)[]
}

const nameOctetsMax = 255
// eslint-disable-next-line no-control-regex -- they are what is forbidden
const forbidden = /[\u0000-\u001f\u007f"*/:<>?\\|]|[. ]$/

type FileEntry = Extract<MediaEntry, { kind: 'file' }>

interface FolderInMaking {
  readonly path: string
  /** By the name that Windows would compare. */
  readonly entries: Map<string, { readonly name: string; readonly entry: FileEntry | FolderInMaking }>
}

/** Paths have `/` between names and none at their ends. */
export function buildFileTree(entries: readonly MediaEntry[]): TreeFolder | Refused {
  const root: FolderInMaking = { path: '', entries: new Map() }
  const faults = entries.flatMap((entry) => addEntry(root, entry) ?? [])
  return faults.length > 0 ? refuse(...faults) : finishedFolder('', root)
}

/** Every folder before what is in it. */
export function foldersOf(root: TreeFolder): TreeFolder[] {
  const folders = [root]
  for (const folder of folders) {
    for (const entry of folder.entries) if (entry.kind === 'folder') folders.push(entry)
  }
  return folders
}

/** Folder by folder, as `foldersOf`. */
export function filesOf(root: TreeFolder): TreeFile[] {
  return foldersOf(root).flatMap((folder) => folder.entries.filter((entry) => entry.kind === 'file'))
}

/** As file systems of Windows compare names: character by character, so that ß is not SS. */
export function foldCase(name: string): string {
  if (/^[ -~]*$/.test(name)) return name.toUpperCase()
  return Array.from(name, (character) => {
    const upper = character.toUpperCase()
    return upper.length === character.length ? upper : character
  }).join('')
}

function addEntry(root: FolderInMaking, entry: MediaEntry): LayoutFault | undefined {
  const names = entry.path.split('/')
  if (!names.every(isPossibleName)) return { kind: 'name-not-possible', path: entry.path }
  let folder = root
  for (const name of names.slice(0, -1)) {
    const path = folder.path === '' ? name : `${folder.path}/${name}`
    const made = folder.entries.get(foldCase(name)) ?? { name, entry: { path, entries: new Map() } }
    if (made.name !== name) return { kind: 'names-differ-in-case-only', path: entry.path, other: made.entry.path }
    if (!('entries' in made.entry)) return { kind: 'below-a-file', path: entry.path, file: made.entry.path }
    folder.entries.set(foldCase(name), made)
    folder = made.entry
  }
  return addName(folder, names.at(-1) ?? '', entry)
}

function addName(folder: FolderInMaking, name: string, entry: MediaEntry): LayoutFault | undefined {
  const there = folder.entries.get(foldCase(name))
  if (there === undefined) {
    const made = entry.kind === 'file' ? entry : { path: entry.path, entries: new Map() }
    folder.entries.set(foldCase(name), { name, entry: made })
    return undefined
  }
  if (there.name !== name) return { kind: 'names-differ-in-case-only', path: entry.path, other: there.entry.path }
  const isFolderTwice = entry.kind === 'folder' && 'entries' in there.entry
  return isFolderTwice ? undefined : { kind: 'named-twice', path: entry.path }
}

function isPossibleName(name: string): boolean {
  return name !== '' && !forbidden.test(name) && name.isWellFormed() && encodeUtf8(name).length <= nameOctetsMax
}

function finishedFolder(name: string, folder: FolderInMaking): TreeFolder {
  const entries = [...folder.entries.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name: entryName, entry }): TreeFile | TreeFolder => {
      if ('entries' in entry) return finishedFolder(entryName, entry)
      return { kind: 'file', name: entryName, path: entry.path, content: entry.content }
    })
  return { kind: 'folder', name, path: folder.path, entries }
}
