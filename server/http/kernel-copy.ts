/**
 * A part of a file to a connection without passing through this process (sendfile(2)), which Node does not have. Linux
 * only; elsewhere, and for connections that are not plain TCP, `copyInKernel` copies nothing and the caller sends slices.
 * Its calls and its one word of raw memory are its own: those of UDP are in `listen/libc.ts`, which `http/` may not import.
 */

import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import koffi from 'koffi'
import { assert } from '../assert.ts'
import type { ByteRange } from './byte-range.ts'
import { noteCopied } from './octets-of-connection.ts'
import type { FilePlace } from './content-to-send.ts'
import { readFully } from './read-fully.ts'
import { writeToClient } from './write-to-client.ts'

export interface KernelCopy {
  readonly response: ServerResponse
  /** Where the range's first octet lies. */
  readonly file: FilePlace
  readonly range: ByteRange
  readonly signal: AbortSignal
  readonly sent: (bytes: number) => void
}

/** What one connection gets before others have their turn. */
const turnBytes = 256 * 1024
/** Goes through Node's stream, whose callback is the only way to learn that the connection takes more. */
const probeBytes = 16 * 1024
/** Asked of the disk ahead, so that this thread does not wait for it: packets of machines go through it too. */
const readAheadBytes = 8 * 1024 * 1024
const willNeed = 3
const again = 11

type Call = (...operands: number[]) => number

interface Calls {
  readonly sendfile: Call
  readonly fadvise: Call
  /** Where sendfile reads and writes the position; calls are synchronous, so one is enough. */
  readonly position: BigInt64Array
  readonly positionAddress: number
}

let known: Calls | undefined | 'none'

function calls(): Calls | undefined {
  known ??= load() ?? 'none'
  return known === 'none' ? undefined : known
}

function load(): Calls | undefined {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return undefined
  try {
    const libc = koffi.load(null)
    const position = new BigInt64Array(1)
    return {
      sendfile: libc.func('intptr_t sendfile(int, int, intptr_t, uintptr_t)'),
      fadvise: libc.func('int posix_fadvise(int, int64_t, int64_t, int)'),
      position,
      positionAddress: Number(koffi.address(position.buffer)),
    }
  } catch {
    // No koffi for this system: slices are slower and just as right.
    return undefined
  }
}

/** The position up to which it copied: behind the range's last octet, or where the caller has to go on. */
export async function copyInKernel(copy: KernelCopy): Promise<number> {
  const { response, range, file, signal } = copy
  const system = calls()
  let position = range.first
  if (system === undefined) return position
  const inFile = file.offset - range.first
  let advisedTo = position
  while (position <= range.last) {
    const probe = Buffer.allocUnsafe(Math.min(probeBytes, range.last - position + 1))
    await readFully(file.descriptor, probe, position + inFile)
    if (signal.aborted || !(await writeToClient(response, probe, signal))) return position
    position += probe.length
    copy.sent(probe.length)
    for (;;) {
      if (position + readAheadBytes / 2 > advisedTo && advisedTo <= range.last) {
        system.fadvise(file.descriptor, advisedTo + inFile, readAheadBytes, willNeed)
        advisedTo += readAheadBytes
      }
      const wanted = Math.min(turnBytes, range.last - position + 1)
      const socket = descriptorOf(response)
      if (wanted === 0 || socket === undefined) return position
      system.position[0] = BigInt(position + inFile)
      const copied = system.sendfile(socket, file.descriptor, system.positionAddress, wanted)
      if (copied < 0 && koffi.errno() !== again) return position
      assert(copied !== 0, 'a file that is being sent does not become shorter')
      if (copied < 0) break
      position += copied
      noteCopied(response, copied)
      copy.sent(copied)
      if (copied < wanted) break
      await nextTurn()
      if (signal.aborted) return position
    }
  }
  return position
}

/** Undefined: closed, or encrypted. Asked for anew each time: the number of a closed connection is soon another's. */
function descriptorOf({ socket }: ServerResponse): number | undefined {
  if (socket === null || socket.destroyed || 'encrypted' in socket) return undefined
  const { _handle: handle } = socket as { _handle?: { fd?: number } | null }
  const descriptor = handle?.fd
  return descriptor !== undefined && descriptor >= 0 ? descriptor : undefined
}
