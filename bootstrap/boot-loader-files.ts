/**
 * Texts of the boot loader and of the client in the applied system: `grub.cfg`, which of several kernels starts, and
 * the systemd unit. The configuration speaks to the screen and to the first serial port, so that a machine without a
 * screen can be watched too. The system's own `update-grub` may replace it later.
 */

import type { FormattedPartition } from './formatted-partitions.ts'

export interface InstalledKernel {
  /** File names in `/boot`. */
  readonly kernel: string
  readonly initrd: string | undefined
}

/** The newest kernel by the numbers in its name, with the initial RAM disk of the same version. */
export function newestKernel(names: readonly string[]): InstalledKernel | undefined {
  const kernels = names.filter((name) => /^(?:vmlinuz|Image|kernel)(?:-|$)/.test(name) && !/rescue|\.old$/.test(name))
  const kernel = kernels.sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1)
  if (kernel === undefined) return undefined
  const version = kernel.replace(/^[^-]*-?/, '')
  const candidates =
    version === ''
      ? ['initrd.img', 'initrd', 'initramfs.img']
      : [`initrd.img-${version}`, `initrd-${version}`, `initramfs-${version}.img`, `initramfs-${version}`]
  return { kernel, initrd: candidates.find((name) => names.includes(name)) }
}

export function printGrubConfiguration(root: FormattedPartition, { kernel, initrd }: InstalledKernel): string {
  const uuid = root.uuid ?? ''
  return `# Written by Reveille when the operating system was set up.
set default=0
set timeout=2
if serial --unit=0 --speed=115200; then
  terminal_input console serial
  terminal_output console serial
fi
insmod part_gpt
insmod part_msdos
insmod ${root.fileSystem === 'xfs' ? 'xfs' : 'ext2'}
search --no-floppy --fs-uuid --set=root ${uuid}
menuentry 'Linux' {
  linux /boot/${kernel} root=UUID=${uuid} ro console=tty0 console=ttyS0,115200
${initrd === undefined ? '' : `  initrd /boot/${initrd}\n`}}
`
}

/** Numbers of `efibootmgr` output: `BootOrder: 0001,0000`, and the entry with our label. */
export function parseBootOrder(text: string, label: string): { order: readonly string[]; ours: readonly string[] } {
  const order = /^BootOrder:\s*([0-9A-F,]+)/im.exec(text)?.[1]?.split(',') ?? []
  const ours = [...text.matchAll(/^Boot([0-9A-F]{4})\*?\s+(.*)$/gim)]
    .filter(([, , title = '']) => title.split('\t')[0]?.trim() === label || title.startsWith(`${label} `))
    .map(([, number = '']) => number)
  return { order, ours }
}
