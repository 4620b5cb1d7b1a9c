/**
 * Programs that the agent and its steps call in the boot image, and where they come from. A program that bootstrap/ calls
 * and this table does not have fails the test, so that somebody says whether the boot image has it; one that is left to
 * busybox is judged by the options that it knows.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import test from 'ava'
import { bootImageVariants } from '../../../media/boot-image/boot-image-options.ts'
import { packagedFiles } from '../../../media/boot-image/tool-selection.ts'

type Origin =
  /** In each boot image. */
  | { readonly packaged: string }
  /** In that for real machines alone; elsewhere the step says that it is missing. */
  | { readonly full: string }
  /** Enough as it is, for these options. */
  | { readonly busybox: readonly string[] }
  /** Called only where no boot image runs, or done without. */
  | { readonly absent: 'installed-system' | 'optional' }

const inInstalledSystem: Origin = { absent: 'installed-system' }
const optional: Origin = { absent: 'optional' }

const programs = {
  'apt-config': inInstalledSystem,
  'apt-get': inInstalledSystem,
  'apt-mark': inInstalledSystem,
  // mke2fs calls it for a format that is not quick.
  badblocks: { packaged: '/usr/sbin/badblocks' },
  blkid: { packaged: '/usr/sbin/blkid' },
  blockdev: { packaged: '/usr/sbin/blockdev' },
  // What a command line and its like are read with.
  busctl: inInstalledSystem,
  cat: { busybox: [] },
  chgrp: inInstalledSystem,
  chmod: inInstalledSystem,
  chroot: { busybox: [] },
  cp: { packaged: '/usr/bin/cp' },
  cryptsetup: { packaged: '/usr/sbin/cryptsetup' },
  dnf: inInstalledSystem,
  dpkg: inInstalledSystem,
  // Asked by conditions, which take its absence for an answer.
  'dpkg-query': optional,
  e2fsck: inInstalledSystem,
  efibootmgr: { packaged: '/usr/bin/efibootmgr' },
  find: inInstalledSystem,
  'grub-install': { packaged: '/usr/sbin/grub-install' },
  // GNU tar calls it.
  gzip: { busybox: ['-d'] },
  id: inInstalledSystem,
  ip: inInstalledSystem,
  lsblk: { packaged: '/usr/bin/lsblk' },
  'mkfs.ext4': { packaged: '/usr/sbin/mkfs.ext4' },
  'mkfs.ntfs': { packaged: '/usr/sbin/mkfs.ntfs' },
  'mkfs.vfat': { packaged: '/usr/sbin/mkfs.vfat' },
  'mkfs.xfs': { full: '/usr/sbin/mkfs.xfs' },
  mkswap: { packaged: '/usr/sbin/mkswap' },
  modprobe: { busybox: ['-q'] },
  mount: { packaged: '/usr/bin/mount' },
  'mount.cifs': { packaged: '/usr/sbin/mount.cifs' },
  'mount.nfs': { packaged: '/usr/sbin/mount.nfs' },
  // What mount calls for the type ntfs-3g.
  'mount.ntfs-3g': { packaged: '/usr/sbin/mount.ntfs-3g' },
  partx: optional,
  pwsh: optional,
  loginctl: inInstalledSystem,
  realm: inInstalledSystem,
  reboot: { busybox: ['-f'] },
  resize2fs: inInstalledSystem,
  rpm: optional,
  setpriv: inInstalledSystem,
  sfdisk: { packaged: '/usr/sbin/sfdisk' },
  sh: { packaged: '/usr/bin/dash' },
  sync: { busybox: ['-f'] },
  systemctl: inInstalledSystem,
  'systemd-cryptenroll': inInstalledSystem,
  wall: inInstalledSystem,
  who: inInstalledSystem,
  tar: { packaged: '/usr/bin/tar' },
  umount: { packaged: '/usr/bin/umount' },
  'wimlib-imagex': { packaged: '/usr/bin/wimlib-imagex' },
  wipefs: { packaged: '/usr/sbin/wipefs' },
  xz: { packaged: '/usr/bin/xz' },
  zstd: { packaged: '/usr/bin/zstd' },
  zypper: inInstalledSystem,
} as const satisfies Record<string, Origin>

const origins: ReadonlyMap<string, Origin> = new Map(Object.entries(programs))

const sources = join(import.meta.dirname, '../../../bootstrap')
/** The ways in which programs are named in bootstrap/: a call, or a list of words that begins with one. */
const calls = [
  /\bprogram: '([^']+)'/g,
  /\b(?:run|try)Tool\(\s*context,\s*\[\s*'([^']+)'/g,
  /\bfindProgram\('([^']+)'/g,
  /\b(?:ask|run)\(\s*'([a-z][\w.-]*)'/g,
  /\[\s*'((?:mkfs|mount)\.\w+|mkswap|apt-get|dnf|zypper|setpriv|chroot|realm|sh)',/g,
]

test('each program that bootstrap calls is one that somebody has thought of', (t) => {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const called = new Set(
    files.flatMap((name) => {
      const text = readFileSync(join(sources, name), 'utf8')
      return calls.flatMap((pattern) => [...text.matchAll(pattern)].map(([, program = '']) => program))
    }),
  )
  t.true(called.size > 40, 'the patterns find what the sources call')
  t.deepEqual(
    [...called].filter((program) => !origins.has(program)),
    [],
  )
})

test('the boot image has each program that its steps call', (t) => {
  for (const architecture of ['x64', 'arm64'] as const) {
    for (const variant of bootImageVariants) {
      const paths = new Set(packagedFiles(architecture, variant).flatMap((each) => each.paths))
      for (const [program, origin] of origins) {
        if ('packaged' in origin) t.true(paths.has(origin.packaged), `${program} in ${architecture} ${variant}`)
        if ('full' in origin)
          t.is(paths.has(origin.full), variant === 'full', `${program} in ${architecture} ${variant}`)
      }
    }
  }
})

test('what is left to busybox is there, and knows the options that are used', (t) => {
  for (const [program, origin] of origins) {
    if (!('busybox' in origin)) continue
    const { status, stdout, stderr } = spawnSync('busybox', [program, '--help'], { encoding: 'utf8' })
    t.is(status, 0, `${program}: ${stderr}`)
    for (const option of origin.busybox) {
      t.regex(stdout + stderr, new RegExp(`^\\s+${option}\\b`, 'm'), `${program} ${option}`)
    }
  }
})

test('no command of busybox comes before a program of the image in PATH, which is /usr/sbin:/usr/bin', (t) => {
  // Links are made where nothing is yet, so in one folder the program of the image stays.
  const applets = execFileSync('busybox', ['--list-full'], { encoding: 'utf8' }).split('\n')
  const inSystemFolder = new Set(applets.filter((path) => /^(?:usr\/)?sbin\//.test(path)).map((path) => basename(path)))
  const hidden = packagedFiles('x64', 'full')
    .flatMap(({ paths }) => paths)
    .filter((path) => dirname(path) === '/usr/bin' && inSystemFolder.has(basename(path)))
  t.deepEqual(hidden, [])
})
