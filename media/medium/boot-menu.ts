/**
 * GRUB's menu on a medium: it starts by itself after three seconds, and a key pressed until then stops it. Machines
 * may have several media, so the files are looked for by the medium's id, and not where GRUB happens to have come from.
 */

import { mediumFiles, mediumKernelArguments, type MediumId } from '../../server/contract/medium.ts'

export interface BootMenu {
  readonly mediumId: MediumId
  readonly label: string
  /** 32 raw octets, base64. */
  readonly siteKey: string
  readonly kernelArguments: readonly string[]
}

/**
 * On the disk of a machine that was set up from the medium, in the folders of its kernel and of its EFI system partition: the menu
 * goes on to that disk by itself, so that a medium which stays in the machine does not begin anew after each restart.
 */
export function diskMarkName(mediumId: MediumId): string {
  return `reveille-medium-${mediumId}`
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
set marked=
for path in /boot/${diskMarkName(mediumId)} /${diskMarkName(mediumId)}; do
  if search --no-floppy --file --set=system $path; then set marked=1; fi
done
if [ -n "$marked" ]; then
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
  if [ "$grub_platform" = efi ]; then
    if search --no-floppy --file --set=esp /EFI/${diskMarkName(mediumId)}; then
      if [ "$grub_cpu" = arm64 ]; then
        chainloader ($esp)/EFI/BOOT/BOOTAA64.EFI
      else
        chainloader ($esp)/EFI/BOOT/BOOTX64.EFI
      fi
      boot
    fi
  fi
  exit
}
`
}

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
