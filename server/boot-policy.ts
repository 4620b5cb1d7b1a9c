/** Settings as the boot decision takes them; one for every door. */

import type { BootPolicy } from './boot/boot-facts.ts'
import type { Config } from './config.ts'

export function bootPolicy(config: Config): BootPolicy {
  return {
    unknownComputerSupport: config.unknownComputers !== 'ignore',
    respond: config.respond,
    promptSeconds: config.promptSeconds,
  }
}
