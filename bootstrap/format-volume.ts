/** A new file system, or swap space, on a partition or an opened volume. Whether it may be made is the caller's business. */

import { runCommand } from './command.ts'
import type { FormattedPartition } from './formatted-partitions.ts'
import { runTool } from './step-command.ts'
import type { StepContext } from './step-context.ts'

interface Format {
  readonly use: FormattedPartition['use']
  readonly fileSystem: FormattedPartition['fileSystem']
  readonly name: string
  readonly quickFormat?: boolean
}

/** The UUID of the new file system; '' where none is made. */
export async function formatVolume(
  device: string,
  { use, fileSystem, name, quickFormat = true }: Format,
  context: StepContext,
): Promise<string> {
  const tool = use === 'swap' ? swapTool(device, name) : formatTools[fileSystem](device, name, quickFormat)
  if (tool === undefined) return ''
  await runTool(context, tool)
  // Asked quietly: a bare UUID tells a watcher nothing.
  const { stdout } = await runCommand({
    program: 'blkid',
    arguments: ['-c', '/dev/null', '-o', 'value', '-s', 'UUID', device],
    signal: context.signal,
  })
  return stdout.trim()
}

type Tool = readonly [string, ...string[]]

type FormatTool = (device: string, name: string, quick: boolean) => Tool | undefined

/** Labels are cut to what each file system holds. XFS has no slow way. */
const formatTools = {
  ext4: (device, name, quick) => ['mkfs.ext4', '-q', '-F', ...(quick ? [] : ['-c']), '-L', name.slice(0, 16), device],
  xfs: (device, name) => ['mkfs.xfs', '-q', '-f', '-L', name.slice(0, 12).replaceAll(' ', '_'), device],
  fat32: (device, name, quick) => ['mkfs.vfat', '-F', '32', ...(quick ? [] : ['-c']), '-n', fatLabel(name), device],
  ntfs: (device, name, quick) => [
    'mkfs.ntfs',
    ...(quick ? ['--quick'] : []),
    '--force',
    '--label',
    name.slice(0, 32),
    device,
  ],
  none: () => undefined,
} as const satisfies Record<FormattedPartition['fileSystem'], FormatTool>

function swapTool(device: string, name: string): Tool {
  return ['mkswap', '--force', '--label', name.slice(0, 16), device]
}

function fatLabel(name: string): string {
  return (
    name
      .toUpperCase()
      .replaceAll(/[^A-Z0-9_ -]/g, '_')
      .slice(0, 11)
      .trim() || 'NO NAME'
  )
}
