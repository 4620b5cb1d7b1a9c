/**
 * The machine restarts: in the boot image everything is flushed and let go of, then the kernel restarts at once; the
 * installed system is asked to, so that its services end in order. Where the machine comes up is decided by its boot
 * order and by the server's answer to network boot, not here.
 */

import { runCommand } from './command.ts'
import type { TargetSystem } from './target-system.ts'

export async function restartFromBootImage(target: TargetSystem): Promise<never> {
  await runCommand({ program: 'sync', arguments: [] })
  await target.unmountAll()
  await runCommand({ program: 'sync', arguments: [] })
  await runCommand({ program: 'reboot', arguments: ['-f'] })
  return waitForTheEnd()
}

export async function restartInstalledSystem(): Promise<never> {
  await runCommand({ program: 'sync', arguments: [] })
  await runCommand({ program: 'systemctl', arguments: ['reboot'] })
  return waitForTheEnd()
}

/** The machine is going down; nothing may run past this point. */
async function waitForTheEnd(): Promise<never> {
  setInterval(() => {}, 60_000)
  return new Promise<never>(() => {})
}
