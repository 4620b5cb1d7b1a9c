/** tshark on an interface of the private network: an independent decoder of what was really on the wire. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { waitUntil } from '../wait-for.ts'
import { startProgram } from './program.ts'

const run = promisify(execFile)

export interface Capture {
  /** Waits until so many frames are in the file, and ends the capture. */
  complete(frames: number): Promise<void>
  /** Ends the capture. Lines of the frames that match a display filter, with these fields, tab-separated. */
  read(filter: string, fields: readonly string[]): Promise<readonly string[]>
  stop(): Promise<void>
}

const patienceMs = 5_000

export async function startCapture(interfaceName: string, file: string, filter = 'udp'): Promise<Capture> {
  const program = await startProgram(['dumpcap', '-i', interfaceName, '-w', file, '-f', filter])
  // Said once the file is open, which is after the socket is.
  await program.says(/File: /)
  const stop = async (): Promise<void> => {
    await program.stop('SIGINT')
  }
  return {
    stop,
    async complete(wanted) {
      const areThere = (saw: (value: unknown) => void): boolean => {
        const frames = Number([...program.said().matchAll(/Packets: (\d+)/g)].at(-1)?.[1] ?? 0)
        saw(frames)
        return frames >= wanted
      }
      await waitUntil(`${wanted} frames to be captured`, areThere, { withinMs: patienceMs })
      await stop()
    },
    async read(filter, fields) {
      await stop()
      const words = ['-r', file, '-Y', filter, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]
      const { stdout } = await run('tshark', words)
      return stdout.split('\n').filter((line) => line !== '')
    },
  }
}
