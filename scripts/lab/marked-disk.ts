/**
 * A disk that says on the serial line that it was started, for tests about machines that go on to their disk. BIOS
 * loads its first sector to 0x7C00 and jumps there; the program writes its text to the first serial port.
 */

import { writeFile } from 'node:fs/promises'

export const markedDiskText = 'STARTED FROM DISK\r\n'

const program = [
  0x31,
  0xc0, // xor ax, ax
  0x8e,
  0xd8, // mov ds, ax
  0xbe,
  0x15,
  0x7c, // mov si, 0x7c15: the text
  0xac, // next: lodsb
  0x84,
  0xc0, // test al, al
  0x74,
  0x06, // jz end
  0xba,
  0xf8,
  0x03, // mov dx, 0x3f8
  0xee, // out dx, al
  0xeb,
  0xf5, // jmp next
  0xf4, // end: hlt
  0xeb,
  0xfd, // jmp end
]

export async function writeMarkedDisk(file: string): Promise<void> {
  const sector = new Uint8Array(512)
  sector.set(program)
  sector.set(new TextEncoder().encode(markedDiskText), program.length)
  sector.set([0x55, 0xaa], 510)
  await writeFile(file, sector)
}
