/**
 * Whether an archive's entries stay where they are unpacked (security E01, E02): relative names without `..`, nothing below
 * a link, and no devices but those that every system has. The agent unpacks with a tar that guards itself; an archive that
 * needs this guard is refused here, where somebody can still look at it.
 */

/** The fields of a header that decide. */
export interface ArchiveEntry {
  readonly name: string
  /** Null: a kind of entry that no root file system has. */
  readonly type: string | null
  readonly linkname?: string | null
  readonly devmajor: number
  readonly devminor: number
}

/** The longest path Linux opens. */
const nameCharactersMax = 4_096
/** Of all symbolic links together: a desktop system has 2 MB of them. */
const linkCharactersMax = 32 * 1024 ** 2
const faultsShownMax = 50
const shownCharactersMax = 200

/** `dev/null` and its like, by major and minor; a directory of devices made by debootstrap has no others. */
const usualDevices: ReadonlySet<string> = new Set(['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:1', '5:2', '10:200'])

export class EntryJudge {
  readonly #links = new Set<string>()
  #linkCharacters = 0
  readonly #faults: string[] = []
  #faultCount = 0

  get faults(): readonly string[] {
    const more = this.#faultCount - this.#faults.length
    return more > 0 ? [...this.#faults, `and ${more} more entries are refused`] : this.#faults
  }

  /** The entry's path below the root, without `./`; empty for the root itself. */
  judge(entry: ArchiveEntry): string {
    const segments = entry.name.split('/').filter((segment) => segment !== '' && segment !== '.')
    const fault = this.#nameFault(entry.name, segments) ?? this.#kindFault(entry, segments)
    if (fault !== undefined) this.#blame(entry.name, fault)
    const path = segments.join('/')
    if (entry.type === 'symlink') this.#rememberLink(path)
    return path
  }

  #nameFault(name: string, segments: readonly string[]): string | undefined {
    if (name.length > nameCharactersMax) return `its name has more than ${nameCharactersMax} characters`
    if (name.includes('\0')) return 'its name holds a zero octet'
    if (name.startsWith('/')) return 'its name is absolute'
    if (segments.includes('..')) return 'its name climbs out with ".."'
    const link = this.#linkAbove(segments)
    return link === undefined ? undefined : `it lies below ${printEntryName(link)}, which is a symbolic link`
  }

  #kindFault(entry: ArchiveEntry, segments: readonly string[]): string | undefined {
    switch (entry.type) {
      case 'file':
      case 'contiguous-file':
      case 'directory':
      case 'fifo':
        return undefined
      case 'symlink':
        return linkTextFault(entry.linkname ?? '')
      case 'link':
        return this.#hardLinkFault(entry.linkname ?? '')
      case 'block-device':
        return 'it is a block device'
      case 'character-device': {
        const device = `${entry.devmajor}:${entry.devminor}`
        const isUsual = segments[0] === 'dev' && (usualDevices.has(device) || entry.devmajor === 4)
        return isUsual ? undefined : `it is a device (${device}) that a root file system does not need`
      }
      default:
        return 'it is of a kind that cannot be unpacked'
    }
  }

  /** A hard link names a file of the archive; where a symbolic link points is the installed system's affair. */
  #hardLinkFault(target: string): string | undefined {
    const segments = target.split('/').filter((segment) => segment !== '' && segment !== '.')
    if (target.startsWith('/') || segments.includes('..'))
      return `it is a hard link out of the archive, to ${printEntryName(target)}`
    const link = this.#linkAbove(segments)
    return link === undefined
      ? linkTextFault(target)
      : `it is a hard link through the symbolic link ${printEntryName(link)}`
  }

  #linkAbove(segments: readonly string[]): string | undefined {
    if (this.#links.size === 0) return undefined
    let path = ''
    for (const segment of segments.slice(0, -1)) {
      path = path === '' ? segment : `${path}/${segment}`
      if (this.#links.has(path)) return path
    }
    return undefined
  }

  #rememberLink(path: string): void {
    this.#linkCharacters += path.length
    if (this.#linkCharacters <= linkCharactersMax) this.#links.add(path)
    else this.#blame(path, 'there are too many symbolic links before it')
  }

  #blame(name: string, fault: string): void {
    this.#faultCount += 1
    if (this.#faults.length < faultsShownMax) this.#faults.push(`${printEntryName(name)}: ${fault}`)
  }
}

function linkTextFault(target: string): string | undefined {
  if (target === '' || target.includes('\0')) return 'it is a link without a target'
  return target.length > nameCharactersMax ? `its target has more than ${nameCharactersMax} characters` : undefined
}

/** Names come from whoever made the archive: control characters stay escaped, and length is bounded. */
export function printEntryName(name: string): string {
  const text = JSON.stringify(name).slice(1, -1)
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text
}
