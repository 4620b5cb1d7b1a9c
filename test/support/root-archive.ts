/** Archives of root file systems, small and real: what a test uploads as the content of an operating system image. */

import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import type { Header } from 'tar-stream'

export type TestEntry = Partial<Header> & { readonly name: string; readonly text?: string | Uint8Array }

/** Enough of a program for whoever asks for its architecture: the first octets of an ELF header. */
export function elfHeader(machine: number): Uint8Array {
  const octets = new Uint8Array(64)
  octets.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  octets.set([machine & 0xff, machine >> 8], 18)
  return octets
}

export const x64Machine = 62

/** As mmdebstrap makes them: names begin with `./`, `bin` is a link, `os-release` lies in `usr/lib`. */
export function systemEntries(name: string): readonly TestEntry[] {
  return [
    { name: './', type: 'directory' },
    { name: './bin', type: 'symlink', linkname: 'usr/bin' },
    { name: './boot/', type: 'directory' },
    { name: './boot/vmlinuz-6.12.0-1-amd64', text: 'kernel' },
    { name: './dev/', type: 'directory' },
    { name: './dev/null', type: 'character-device', devmajor: 1, devminor: 3 },
    { name: './etc/', type: 'directory' },
    { name: './etc/hostname', text: `${name}\n` },
    { name: './etc/os-release', type: 'symlink', linkname: '../usr/lib/os-release' },
    { name: './usr/bin/dash', text: elfHeader(x64Machine), mode: 0o755 },
    { name: './usr/bin/sh', type: 'symlink', linkname: 'dash' },
    { name: './usr/bin/sh.distrib', type: 'link', linkname: './usr/bin/dash' },
    { name: './usr/lib/os-release', text: `ID=test\nPRETTY_NAME="${name}"\n` },
  ]
}

export async function rootArchive(name = 'Test GNU/Linux 1'): Promise<Buffer> {
  return tarOf(systemEntries(name))
}

export async function tarOf(entries: readonly TestEntry[]): Promise<Buffer> {
  const archive = pack()
  for (const { text, ...header } of entries) {
    const settled = { mtime: new Date(0), ...header }
    if (text === undefined) archive.entry(settled, '')
    else archive.entry(settled, typeof text === 'string' ? text : Buffer.from(text))
  }
  archive.finalize()
  return buffer(archive)
}
