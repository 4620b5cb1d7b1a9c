/** Which start of the system this is (Linux, random(4)): another text each time. */

import { readFileSync } from 'node:fs'

export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}
