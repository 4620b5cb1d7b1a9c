/** `media disks`: which disks of this machine a medium can be written to, by what is printed on them. */

import type { Command } from 'commander'
import { type DiskFacts, readShownDisks } from './disk-facts.ts'
import { eraseWord, whyNotWritable } from './disk-rules.ts'
import { plainText, printJson } from './print.ts'
import { printBytes } from './show-progress.ts'

export function addDisksCommand(noun: Command): void {
  noun
    .command('disks')
    .description('list the disks of this machine that a medium can be written to')
    .option('--all', 'also internal ones, and those that are in use, with the reason')
    .action(async (options: { all?: true }, self: Command) => {
      const disks = (await readShownDisks()).filter((disk) => options.all === true || isSuitable(disk))
      if (self.optsWithGlobals()['json'] === true) {
        printJson({ items: disks.map((disk) => ({ ...disk, path: `/dev/${disk.name}`, yesErase: eraseWord(disk) })) })
        return
      }
      if (disks.length === 0)
        process.stdout.write('No disk that a medium can be written to. Plug in a stick, or see --all\n')
      for (const line of printDisks(disks)) process.stdout.write(`${line}\n`)
    })
}

function isSuitable(disk: DiskFacts): boolean {
  return disk.isExternal && whyNotWritable(disk) === undefined
}

export function printDisks(disks: readonly DiskFacts[]): string[] {
  return disks.map((disk) => {
    const reason = whyNotWritable(disk) ?? (disk.isExternal ? undefined : 'internal')
    const columns = [`/dev/${disk.name}`.padEnd(14), printBytes(disk.bytes).padStart(9), disk.model.padEnd(24)]
    return plainText(
      `${columns.join('  ')}  --yes-erase '${eraseWord(disk)}'${reason === undefined ? '' : `  (${reason})`}`,
    )
  })
}
