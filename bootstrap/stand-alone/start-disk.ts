/**
 * The machine was to start its disk, and started the medium again: it stays plugged in, and firmware looks there first. Where
 * firmware can be told what is next it is told again; where it cannot, somebody has to take the medium out.
 */

import { entryLabel, parseBootOrder } from '../boot-loader-files.ts'
import { runCommand } from '../command.ts'

/** False: firmware cannot be told. */
export async function startDiskNext(): Promise<boolean> {
  const list = await runCommand({ program: 'efibootmgr', arguments: [] })
  const [ours] = list.exitCode === 0 ? parseBootOrder(list.stdout, entryLabel).ours : []
  if (ours === undefined) return false
  return (await runCommand({ program: 'efibootmgr', arguments: ['-q', '-n', ours] })).exitCode === 0
}
