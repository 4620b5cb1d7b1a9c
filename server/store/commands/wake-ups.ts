/** Notes for which time machines were woken. */

import { writeWokenUp } from '../rows/wake-up-rows.ts'
import type { WokenUp } from '../wake-up-port.ts'
import type { Writing } from './writing.ts'

export async function noteWokenUp({ tx }: Writing, woken: readonly WokenUp[]): Promise<void> {
  for (const one of woken) await writeWokenUp(tx, one)
}
