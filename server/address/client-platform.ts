/**
 * A kind of computer that an administrator may restrict a task sequence to, and what a client says of itself: processor, and
 * the installed operating system as os-release names it. The source product lists processors, OS versions and service packs.
 */

export const clientArchitectures = ['x86', 'x64', 'arm64'] as const
export type ClientArchitecture = (typeof clientArchitectures)[number]

export interface ClientPlatform {
  readonly architecture: ClientArchitecture
  /** Absent: whatever it is, or the client does not tell. */
  readonly operatingSystem?: ClientOperatingSystem
}

export interface ClientOperatingSystem {
  /** `ID` of os-release, such as `debian`. */
  readonly name: string
  /** `VERSION_ID`, such as `12` or `24.04`; absent: any. */
  readonly version?: string
}

export function printClientPlatform({ architecture, operatingSystem }: ClientPlatform): string {
  if (operatingSystem === undefined) return architecture
  return [operatingSystem.name, operatingSystem.version, architecture].filter((part) => part !== undefined).join(' ')
}
