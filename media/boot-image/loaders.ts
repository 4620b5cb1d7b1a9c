/**
 * What a boot image is started by: iPXE from a network, GRUB from media. For UEFI Debian's signed chain goes along as it is (shim
 * with Microsoft's signature, GRUB and kernel with Debian's), so Secure Boot may stay on. For BIOS the core of GRUB is put together
 * here of its own modules, so that no file of GRUB but its menu is on a medium.
 */

import { execFile } from 'node:child_process'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { bootImageFiles, mediaLoaderFiles } from '../../server/site/boot-image.ts'
import type { BootImageArchitecture } from './boot-image-options.ts'

const run = promisify(execFile)

/** Where a package puts what the image's content calls otherwise. */
const taken = {
  x64: [
    { from: 'usr/lib/ipxe/undionly.kpxe', to: bootImageFiles.biosLoader },
    { from: 'usr/lib/ipxe/snponly.efi', to: bootImageFiles.uefiX64Loader },
    { from: 'usr/lib/grub/i386-pc/cdboot.img', to: mediaLoaderFiles.biosDisc },
    { from: 'usr/lib/grub/i386-pc/boot.img', to: mediaLoaderFiles.biosStick },
    { from: 'usr/lib/grub/i386-pc/boot_hybrid.img', to: mediaLoaderFiles.biosHybrid },
    { from: 'usr/lib/shim/shimx64.efi.signed', to: mediaLoaderFiles.uefiX64Shim },
    { from: 'usr/lib/shim/mmx64.efi.signed', to: mediaLoaderFiles.uefiX64Keys },
    // Of GRUB's signed images the one for discs: it looks for its menu where it was started from.
    { from: 'usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed', to: mediaLoaderFiles.uefiX64Grub },
  ],
  arm64: [
    { from: 'usr/lib/shim/shimaa64.efi.signed', to: mediaLoaderFiles.uefiArm64Shim },
    { from: 'usr/lib/shim/mmaa64.efi.signed', to: mediaLoaderFiles.uefiArm64Keys },
    { from: 'usr/lib/grub/arm64-efi-signed/gcdaa64.efi.signed', to: mediaLoaderFiles.uefiArm64Grub },
  ],
} as const satisfies Record<BootImageArchitecture, readonly { readonly from: string; readonly to: string }[]>

/** What the menu needs, and what finds it; file systems of installed systems, which it looks for a mark on. */
const coreModules = `biosdisk iso9660 fat ext2 xfs btrfs ntfs part_msdos part_gpt search search_fs_file
  normal configfile linux echo test ls cat sleep reboot halt chain drivemap loadenv regexp
  serial terminal minicmd all_video`.split(/\s+/)

/**
 * Before there is a menu. `root` is the disc, or the whole stick; its first partition has the files where it is a stick with
 * FAT. Other disks come last: a machine may have more than one medium.
 */
const coreSettings = `search.file /.disk/info root $root $root,msdos1
set prefix=($root)/boot/grub
`

export function loaderNames(architecture: BootImageArchitecture): readonly string[] {
  const names = taken[architecture].map(({ to }) => to)
  return architecture === 'x64' ? [...names, mediaLoaderFiles.biosCore] : names
}

/** Moves them out of the unpacked packages. */
export async function keepLoaders(architecture: BootImageArchitecture, root: string, directory: string): Promise<void> {
  for (const name of loaderNames(architecture)) await mkdir(dirname(join(directory, name)), { recursive: true })
  if (architecture === 'x64') await makeBiosCore(root, join(directory, mediaLoaderFiles.biosCore))
  for (const { from, to } of taken[architecture]) await rename(join(root, from), join(directory, to))
}

/** With GRUB's own tool out of its package, and the libraries beside it: nothing of it is installed on this machine. */
async function makeBiosCore(root: string, file: string): Promise<void> {
  const settings = `${file}.settings`
  await writeFile(settings, coreSettings)
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu')
  const modules = ['--directory', join(root, 'usr/lib/grub/i386-pc'), ...coreModules]
  const core = ['--format', 'i386-pc', '--prefix', '/boot/grub', '--config', settings, '--output', file]
  const tool = ['--library-path', libraries, join(root, 'usr/bin/grub-mkimage')]
  await run(join(root, 'usr/lib64/ld-linux-x86-64.so.2'), [...tool, ...core, ...modules])
}
