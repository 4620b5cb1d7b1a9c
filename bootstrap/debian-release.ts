/**
 * What an upgrade of Debian and its kind to another release changes in its sources: the name of the release, wherever a
 * source names it (sources.list(5), both forms). Pure; lines that name no release of their own stay as they are.
 */

export interface InstalledRelease {
  /** `debian`, `ubuntu`, or another that is made of them. */
  readonly isDebian: boolean
  /** Such as `bookworm`; '' when the system does not say. */
  readonly codename: string
}

/** os-release(5). */
export function parseInstalledRelease(osRelease: string): InstalledRelease {
  const field = (name: string): string =>
    (new RegExp(`^${name}=(.*)$`, 'm').exec(osRelease)?.[1] ?? '').trim().replace(/^(["'])(.*)\1$/, '$2')
  const kinds = [field('ID'), ...field('ID_LIKE').split(/\s+/)]
  return { isDebian: kinds.includes('debian') || kinds.includes('ubuntu'), codename: field('VERSION_CODENAME') }
}

/** The text with `from` and its pockets (`from-updates`, `from-security`, `from/updates`) named `to`. */
export function moveSources(text: string, from: string, to: string): string {
  const suite = new RegExp(`(?<=\\s)${from}(?=$|[\\s/-])`, 'g')
  return text
    .split('\n')
    .map((line) => (/^\s*(?:deb(?:-src)?\s|Suites:)/i.test(line) ? line.replaceAll(suite, to) : line))
    .join('\n')
}

/** How much a simulated upgrade would do: the lines of `apt-get --simulate`. */
export function countChanges(simulation: string): { readonly installed: number; readonly removed: number } {
  const lines = simulation.split('\n')
  return {
    installed: lines.filter((line) => line.startsWith('Inst ')).length,
    removed: lines.filter((line) => line.startsWith('Remv ')).length,
  }
}
