/**
 * Which hardware the drivers of a package are for, as their own files say (S2-068): an `.inf` file names hardware ids, a Linux
 * module has aliases. It is made when the files arrive, and is a help for choosing, not a promise.
 */

export interface DriverIndex {
  readonly drivers: readonly IndexedDriver[]
  /** Names of files that may be drivers and could not be read: too large, or compressed with xz. */
  readonly unread: readonly string[]
}

export interface IndexedDriver {
  /** Its name in the content. */
  readonly file: string
  /** Of a Linux module: the folder it lies in, such as `6.12.0-1-amd64`. */
  readonly kernelRelease?: string
  /** As they are written: `PCI\VEN_8086&DEV_15B7`, or an alias with wildcards, `pci:v00008086d000015B7sv*sd*bc*sc*i*`. */
  readonly hardwareIds: readonly string[]
}

/** Of a whole package; all drivers of a maker name some 50,000. */
export const indexedHardwareIdsMax = 100_000
export const hardwareIdCharactersMax = 255

/** Drivers one of whose ids fits one of the machine's. */
export function findDriversFor(hardwareIds: readonly string[], { drivers }: DriverIndex): readonly IndexedDriver[] {
  return drivers.filter((driver) =>
    driver.hardwareIds.some((pattern) => hardwareIds.some((id) => fitsHardwareId(pattern, id))),
  )
}

/**
 * Case does not count. `*` in an alias stands for anything, and nothing else in it is special; ids of Windows begin with a star
 * when they are of no bus (`*PNP0501`), so only aliases, which have a colon, are taken as patterns.
 */
function fitsHardwareId(pattern: string, id: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), id.toLowerCase()]
  if (!/^[a-z0-9_-]+\*?:/.test(wanted)) return wanted === given
  const [first = '', ...rest] = wanted.split('*')
  const last = rest.pop()
  if (last === undefined) return given === first
  if (!given.startsWith(first) || !given.endsWith(last) || given.length < first.length + last.length) return false
  let at = first.length
  for (const part of rest) {
    const found = given.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= given.length - last.length
}
