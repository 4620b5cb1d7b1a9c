/**
 * The built-in objects that stand for computers not in the site, one per architecture (S6-016).
 * They describe the machine, not the operating system it will get.
 */

import type { BootArchitecture } from './boot-image.ts'

export interface UnknownComputer {
  readonly kind: 'unknown-computer'
  readonly architecture: BootArchitecture
  readonly name: string
}

export const unknownComputers = [
  { kind: 'unknown-computer', architecture: 'x86', name: 'x86 Unknown Computer' },
  { kind: 'unknown-computer', architecture: 'x64', name: 'x64 Unknown Computer' },
  { kind: 'unknown-computer', architecture: 'arm64', name: 'ARM64 Unknown Computer' },
] as const satisfies readonly UnknownComputer[]
