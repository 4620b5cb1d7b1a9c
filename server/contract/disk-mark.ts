/**
 * The mark that a run from a medium leaves on its disk, as the agent writes it (bootstrap/medium/start-mark.ts) and GRUB's menu on
 * the medium reads it (media/medium/boot-menu.ts).
 */

import type { MediumId } from './medium.ts'

export function diskMarkName(mediumId: MediumId): string {
  return `reveille-medium-${mediumId}`
}

/** Below the root of the system, beside the folder of the run. */
export const diskMarkFolder = 'var/lib/reveille/start'

/** GRUB compares texts, so numbers have equal length. */
export const diskMarkOrderDigits = 15

export const diskMarkVariables = { orderOf: 'reveille_order', nextOf: 'reveille_next' } as const
