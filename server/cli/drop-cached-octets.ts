/**
 * Makes the kernel forget what it holds of a device (BLKFLSBUF), so that what is read next comes from the device. Without that
 * a stick that keeps nothing would seem to have everything.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { FileHandle } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { CliError } from './cli-error.ts'

export async function dropCachedOctets(handle: FileHandle): Promise<void> {
  // The device that is open, whatever its path leads to by now.
  const child = spawn('blockdev', ['--flushbufs', '/proc/self/fd/3'], {
    stdio: ['ignore', 'ignore', 'pipe', handle.fd],
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  })
  const [said, [code]] = await Promise.all([child.stderr === null ? '' : text(child.stderr), once(child, 'close')])
  if (code !== 0)
    throw new CliError(`what was written could not be verified: blockdev (of util-linux) said: ${said.trim()}`)
}
