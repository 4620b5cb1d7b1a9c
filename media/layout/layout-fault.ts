/** Why a medium cannot be laid out: all reasons at once, each with what it is about, for the administrator who chose the content. */

export type LayoutFault =
  | { readonly kind: 'name-not-possible'; readonly path: string }
  | { readonly kind: 'named-twice'; readonly path: string }
  | { readonly kind: 'names-differ-in-case-only'; readonly path: string; readonly other: string }
  | { readonly kind: 'below-a-file'; readonly path: string; readonly file: string }
  | { readonly kind: 'file-too-large'; readonly path: string; readonly bytes: number; readonly bytesMax: number }
  | { readonly kind: 'too-many-entries'; readonly path: string }
  | { readonly kind: 'too-many-folders'; readonly folders: number; readonly foldersMax: number }
  | { readonly kind: 'label-not-possible'; readonly label: string; readonly charactersMax: number }
  | { readonly kind: 'volume-too-small'; readonly bytesNeeded: number; readonly bytes: number }
  | { readonly kind: 'volume-too-large'; readonly bytes: number; readonly bytesMax: number }

export interface Refused {
  readonly kind: 'refused'
  /** One or more. */
  readonly faults: readonly LayoutFault[]
}

export function refuse(...faults: readonly LayoutFault[]): Refused {
  return { kind: 'refused', faults }
}

/** A sentence for the administrator. */
export function printLayoutFault(fault: LayoutFault): string {
  switch (fault.kind) {
    case 'name-not-possible':
      return `${fault.path}: a name has at most 255 octets, none of " * / : < > ? \\ |, and no dot or space at its end. Rename it.`
    case 'named-twice':
      return `${fault.path} is there twice. Leave one out.`
    case 'names-differ-in-case-only':
      return `${fault.path} and ${fault.other} are one name to Windows and to firmware. Rename one of them.`
    case 'below-a-file':
      return `${fault.path} lies below ${fault.file}, which is a file. Rename one of them.`
    case 'file-too-large':
      return `${fault.path} has ${fault.bytes} octets, and FAT32 holds files of at most ${fault.bytesMax}. Make an ISO image, or split the file.`
    case 'too-many-entries':
      return `The folder ${fault.path === '' ? '/' : fault.path} has more entries than its file system allows. Spread them over several folders.`
    case 'too-many-folders':
      return `There are ${fault.folders} folders, and ISO 9660 allows at most ${fault.foldersMax}. Put content into an archive.`
    case 'label-not-possible':
      return `The label “${fault.label}” is not possible here: use at most ${fault.charactersMax} of A to Z, 0 to 9, space and _.`
    case 'volume-too-small':
      return `The content needs ${fault.bytesNeeded} octets, and the medium has ${fault.bytes}. Choose less content or a larger medium.`
    case 'volume-too-large':
      return `${fault.bytes} octets are more than the ${fault.bytesMax} that the file system allows. Choose less content or a smaller volume.`
    default:
      return fault satisfies never
  }
}
