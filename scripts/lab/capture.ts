/** tshark on an interface of the private network: an independent decoder of what was really on the wire. */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { waitForOutput } from './network.ts'

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
  const child = spawn('dumpcap', ['-i', interfaceName, '-w', file, '-f', filter], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Said once the file is open, which is after the socket is.
  await waitForOutput(child, /File: /)
  let frames = 0
  const waiting = new Set<() => void>()
  child.stderr.on('data', (chunk: Buffer) => {
    for (const [, count] of chunk.toString().matchAll(/Packets: (\d+)/g)) frames = Number(count)
    for (const look of waiting) look()
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGINT')
    await once(child, 'exit')
  }
  return {
    stop,
    async complete(wanted) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${frames} of ${wanted} frames were captured`)), patienceMs)
        const look = (): void => {
          if (frames < wanted) return
          clearTimeout(timer)
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      })
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
