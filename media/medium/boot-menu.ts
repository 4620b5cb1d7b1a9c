/**
 * GRUB's menu on a medium: it starts by itself after three seconds, and a key pressed until then stops it. Machines
 * may have several media, so the files are looked for by the medium's id, and not where GRUB happens to have come from.
 */

import { diskMarkFolder, diskMarkName, diskMarkVariables } from '../../server/contract/disk-mark.ts'
import { mediumFiles, mediumKernelArguments, type MediumId } from '../../server/contract/medium.ts'

export interface BootMenu {
  readonly mediumId: MediumId
  readonly label: string
  /** 32 raw octets, base64. */
  readonly siteKey: string
  readonly kernelArguments: readonly string[]
}

/** Only the volume that starts has it. */
export function markerPath(mediumId: MediumId): string {
  return `.disk/${mediumId}`
}

export function printBootMenu(menu: BootMenu): string {
  const { mediumId, label } = menu
  // What GRUB would take for the end of a word, or for a variable of its own.
  const title = label.replaceAll(/[^A-Za-z0-9 ._-]/g, '_')
  return `# Starts the boot image of this medium.
set default=0
set timeout=3
set timeout_style=menu
search --no-floppy --file --set=root --hint=$root /${markerPath(mediumId)}
if [ "$grub_platform" = pc ]; then
  if serial --unit=0 --speed=115200; then
    terminal_input console serial
    terminal_output console serial
  fi
fi
${printSearchForMark(mediumId)}
if [ "$next" = disk ]; then
  set default=2
  set timeout=10
  echo 'This machine was set up from this medium, and starts from its disk.'
fi
menuentry '${title}' {
${printStart(menu, [])}
}
menuentry '${title}, with the keyboard of the first serial port' {
${printStart(menu, ['console=tty0', 'console=ttyS0,115200'])}
}
menuentry 'The disk of this machine' {
${startOfDisk}
  exit
}
`
}

/**
 * Of all marks of this medium the one with the greatest order, whose disk is where the latest run was (bootstrap/medium/start-mark.ts).
 * Copies of a disk cannot be told from each other, so neither is started by itself.
 */
function printSearchForMark(mediumId: MediumId): string {
  const name = diskMarkName(mediumId)
  const { orderOf, nextOf } = diskMarkVariables
  return `set order=
set next=
set disk=
for path in /${diskMarkFolder}/${name} /boot/${name} /${name} /EFI/${name}; do
  for partition in (hd*,*); do
    if [ -f "$partition$path" ]; then
      set ${orderOf}=
      set ${nextOf}=
      load_env --file "$partition$path" ${orderOf} ${nextOf}
      regexp --set=1:where '^\\((hd[0-9]+),' "$partition"
      if [ "$${orderOf}" '>' "$order" ]; then
        set order="$${orderOf}"
        set next="$${nextOf}"
        set disk="$where"
      elif [ -n "$order" -a "$${orderOf}" = "$order" -a "$where" != "$disk" ]; then
        set next=unclear
        echo 'Several disks of this machine have the same mark, so none is started by itself.'
      fi
    fi
  done
done`
}

/** What firmware would start next may be another disk. A loader of BIOS expects to be on the first one. */
const startOfDisk = `  if [ -n "$disk" ]; then
    if [ "$grub_platform" = pc ]; then
      if [ "$disk" != hd0 ]; then drivemap -s hd0 $disk; fi
      set root=$disk
      chainloader +1
      boot
    fi
    if [ "$grub_cpu" = arm64 ]; then set loader=BOOTAA64.EFI; else set loader=BOOTX64.EFI; fi
    for partition in ($disk,*); do
      if [ -f "$partition/EFI/BOOT/$loader" ]; then
        chainloader "$partition/EFI/BOOT/$loader"
        boot
      fi
    done
  fi`

/** On screens of many pixels: the wizard is read by somebody who stands before the machine. */
const largeFont = 'fbcon=font:TER16x32'

function printStart({ mediumId, siteKey, kernelArguments }: BootMenu, more: readonly string[]): string {
  const { medium, siteKey: key, network } = mediumKernelArguments
  const ours = [`${medium}=${mediumId}`, `${key}=${Buffer.from(siteKey, 'base64').toString('base64url')}`]
  const words = [...kernelArguments.map(quoteWord), ...more, ...ours, `${network}=agent`, largeFont]
  return `  linux /${mediumFiles.kernel} ${words.join(' ')}\n  initrd /${mediumFiles.initramfs}`
}

/** In single quotes GRUB changes nothing; one of those cannot stand in them. */
function quoteWord(word: string): string {
  return /^[A-Za-z0-9=.,:/_@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
