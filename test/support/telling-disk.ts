/**
 * A disk with partitions like those of an installed system, which does no more than to say on the first serial line that it was
 * started: by BIOS from its first sector, by UEFI from its EFI system partition.
 */

import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const mebibyte = 1024 * 1024

export interface TellingDisk {
  readonly says: string
  /** Writes below the root of the installed system. */
  readonly fill: (root: string) => void
}

/** The image file, in this empty folder. */
export function makeTellingDisk(folder: string, { says, fill }: TellingDisk): string {
  const root = join(folder, 'root')
  const [image, efi, system] = ['disk.img', 'efi.img', 'system.img'].map((name) => join(folder, name))
  if (image === undefined || efi === undefined || system === undefined) throw new Error('there are three names')
  mkdirSync(join(root, 'boot'), { recursive: true })
  fill(root)
  execFileSync('mkfs.ext4', ['-q', '-d', root, system, '16M'], { stdio: 'ignore' })
  writeFileSync(efi, '')
  truncateSync(efi, 40 * mebibyte)
  execFileSync('mkfs.vfat', ['-F', '32', efi], { stdio: 'ignore' })
  const loader = join(folder, 'loader.efi')
  writeFileSync(loader, efiProgram(says))
  execFileSync('mmd', ['-i', efi, '::EFI', '::EFI/BOOT'])
  execFileSync('mcopy', ['-i', efi, loader, '::EFI/BOOT/BOOTX64.EFI'])
  writeFileSync(image, '')
  truncateSync(image, 64 * mebibyte)
  const table = 'label: gpt\nstart=1MiB, size=40MiB, type=U\nstart=41MiB, size=16MiB, type=L\n'
  execFileSync('sfdisk', ['--quiet', image], { input: table })
  for (const [part, megabyte] of [
    [efi, 1],
    [system, 41],
  ] as const) {
    execFileSync('dd', [`if=${part}`, `of=${image}`, 'bs=1M', `seek=${megabyte}`, 'conv=notrunc', 'status=none'])
  }
  const file = openSync(image, 'r+')
  writeSync(file, biosProgram(says), 0, undefined, 0)
  closeSync(file)
  return image
}

const serialPort = 0x3f8

/** 16 bits: mov dx, port; mov al, octet; out dx, al; and at the end a jump to itself. */
function biosProgram(text: string): Uint8Array {
  return Uint8Array.from([0xba, serialPort & 0xff, serialPort >> 8, ...outputs(text), 0xeb, 0xfe])
}

function outputs(text: string): readonly number[] {
  return [...Buffer.from(text)].flatMap((octet) => [0xb0, octet, 0xee])
}

/** Microsoft's PE format, as small as UEFI takes it: one section at 0x1000 in memory, at 0x200 in the file. */
function efiProgram(text: string): Uint8Array {
  const code = [0xba, serialPort & 0xff, serialPort >> 8, 0, 0, ...outputs(text), 0xeb, 0xfe]
  const file = Buffer.alloc(0x400)
  file.write('MZ', 0, 'latin1')
  file.writeUInt32LE(0x40, 0x3c)
  file.write('PE\0\0', 0x40, 'latin1')
  // COFF: x64, one section, size of the optional header, an executable of 64 bits.
  file.writeUInt16LE(0x8664, 0x44)
  file.writeUInt16LE(1, 0x46)
  file.writeUInt16LE(0xf0, 0x54)
  file.writeUInt16LE(0x22, 0x56)
  const optional = 0x58
  file.writeUInt16LE(0x20b, optional)
  file.writeUInt32LE(0x200, optional + 4)
  for (const [offset, value] of [
    [16, 0x1000], // entry
    [20, 0x1000], // base of code
    [32, 0x1000], // section alignment
    [36, 0x200], // file alignment
    [56, 0x2000], // size of the image
    [60, 0x200], // size of the headers
    [108, 16], // directories, all of them empty
  ] as const) {
    file.writeUInt32LE(value, optional + offset)
  }
  file.writeUInt16LE(10, optional + 68)
  const section = optional + 0xf0
  file.write('.text', section, 'latin1')
  for (const [offset, value] of [
    [8, code.length],
    [12, 0x1000],
    [16, 0x200],
    [20, 0x200],
    [36, 0x60000020],
  ] as const) {
    file.writeUInt32LE(value, section + offset)
  }
  Buffer.from(code).copy(file, 0x200)
  return file
}
