/**
 * Programs of a boot image and the Debian packages they come from. Libraries are not listed: they are found by
 * reading what each program was linked with. Programs of busybox that are enough for us are not listed either.
 */

import type { BootImageArchitecture, BootImageVariant } from './boot-image-options.ts'

export interface PackagedFiles {
  readonly package: string
  /** Absolute paths; one that ends with `/` is a folder with all below it. `/bin` and its kind are below `/usr`. */
  readonly paths: readonly string[]
}

const everywhere: readonly PackagedFiles[] = [
  { package: 'busybox-static', paths: ['/usr/bin/busybox'] },
  // The shell of busybox prefers its own tar, mount and losetup; commands of a task sequence mean the real ones.
  { package: 'dash', paths: ['/usr/bin/dash'] },
  // Folders of people are linked with options that the one of busybox does not know.
  { package: 'coreutils', paths: ['/usr/bin/cp'] },
  { package: 'fdisk', paths: ['/usr/sbin/sfdisk'] },
  {
    package: 'util-linux',
    paths: [
      '/usr/sbin/blkid',
      '/usr/bin/lsblk',
      // A partition that is added while another one of the disk is in use is shown by nothing else.
      '/usr/bin/partx',
      '/usr/sbin/wipefs',
      '/usr/sbin/blockdev',
      '/usr/sbin/mkswap',
    ],
  },
  {
    package: 'e2fsprogs',
    paths: [
      '/usr/sbin/mke2fs',
      '/usr/sbin/mkfs.ext4',
      '/usr/sbin/e2fsck',
      '/usr/sbin/fsck.ext4',
      '/usr/sbin/resize2fs',
      // mke2fs calls it where a format is not to be quick.
      '/usr/sbin/badblocks',
      '/etc/mke2fs.conf',
    ],
  },
  { package: 'dosfstools', paths: ['/usr/sbin/mkfs.fat', '/usr/sbin/mkfs.vfat', '/usr/sbin/fsck.fat'] },
  {
    package: 'ntfs-3g',
    paths: [
      '/usr/bin/ntfs-3g',
      '/usr/sbin/mount.ntfs-3g',
      '/usr/sbin/mount.ntfs',
      '/usr/sbin/mkntfs',
      '/usr/sbin/mkfs.ntfs',
      '/usr/sbin/ntfsresize',
    ],
  },
  { package: 'wimtools', paths: ['/usr/bin/wimlib-imagex'] },
  { package: 'mount', paths: ['/usr/bin/mount', '/usr/bin/umount', '/usr/sbin/losetup'] },
  { package: 'cifs-utils', paths: ['/usr/sbin/mount.cifs'] },
  { package: 'nfs-common', paths: ['/usr/sbin/mount.nfs'] },
  { package: 'cryptsetup-bin', paths: ['/usr/sbin/cryptsetup'] },
  { package: 'tar', paths: ['/usr/bin/tar'] },
  { package: 'zstd', paths: ['/usr/bin/zstd'] },
  { package: 'xz-utils', paths: ['/usr/bin/xz'] },
  {
    package: 'grub-common',
    paths: [
      '/usr/bin/grub-editenv',
      '/usr/bin/grub-mkimage',
      '/usr/bin/grub-mkrelpath',
      '/usr/sbin/grub-probe',
      '/usr/share/grub/',
    ],
  },
  { package: 'grub2-common', paths: ['/usr/sbin/grub-install'] },
  { package: 'efibootmgr', paths: ['/usr/bin/efibootmgr'] },
]

const ofArchitecture: Readonly<Record<BootImageArchitecture, readonly PackagedFiles[]>> = {
  x64: [
    // FAT labels are of code page 850.
    { package: 'libc6', paths: characterSets('x86_64-linux-gnu') },
    { package: 'grub-pc-bin', paths: ['/usr/lib/grub/i386-pc/'] },
    { package: 'grub-efi-amd64-bin', paths: ['/usr/lib/grub/x86_64-efi/'] },
  ],
  arm64: [
    { package: 'libc6', paths: characterSets('aarch64-linux-gnu') },
    { package: 'grub-efi-arm64-bin', paths: ['/usr/lib/grub/arm64-efi/'] },
  ],
}

function characterSets(triplet: string): string[] {
  return ['gconv-modules', 'gconv-modules.d/', 'IBM850.so'].map((name) => `/usr/lib/${triplet}/gconv/${name}`)
}

const ofVariant: Readonly<Record<BootImageVariant, readonly PackagedFiles[]>> = {
  virtual: [],
  full: [
    { package: 'gdisk', paths: ['/usr/sbin/sgdisk'] },
    { package: 'xfsprogs', paths: ['/usr/sbin/mkfs.xfs', '/usr/sbin/xfs_repair'] },
    { package: 'dmidecode', paths: ['/usr/sbin/dmidecode'] },
  ],
}

/** Modules and data of GRUB that its own installer never reads. */
export const unwantedPaths = [
  /\/grub\/[^/]+\/monolithic\//,
  /\/grub\/[^/]+\/.*\.(module|image|py|exec)$/,
  /\/unicode\.pf2$/,
]

export function packagedFiles(architecture: BootImageArchitecture, variant: BootImageVariant): PackagedFiles[] {
  return [...everywhere, ...ofArchitecture[architecture], ...ofVariant[variant]]
}

/** Packages that hold what is taken in other ways: kernel, libraries of the runtime, certificates, loaders. */
export const otherPackages: Readonly<Record<BootImageArchitecture, readonly string[]>> = {
  x64: [
    'linux-image-amd64',
    'libc6',
    'libstdc++6',
    'libgcc-s1',
    'ca-certificates',
    'ipxe',
    'shim-signed',
    'shim-helpers-amd64-signed',
    'grub-efi-amd64-signed',
  ],
  // Debian's iPXE has no ARM64 loader.
  arm64: [
    'linux-image-arm64',
    'libc6',
    'libstdc++6',
    'libgcc-s1',
    'libatomic1',
    'ca-certificates',
    'shim-signed',
    'shim-helpers-arm64-signed',
    'grub-efi-arm64-signed',
  ],
}

/** Firmware of network cards and disk controllers, outside Debian's main section: taken where the machine's sources have it. */
export const firmwarePackages: Readonly<Record<BootImageVariant, readonly string[]>> = {
  virtual: [],
  full: [
    'firmware-bnx2',
    'firmware-bnx2x',
    'firmware-misc-nonfree',
    'firmware-netxen',
    'firmware-qlogic',
    'firmware-realtek',
  ],
}
