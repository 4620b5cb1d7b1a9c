/**
 * Octets that arrive over the network go into a program as they come, and the program's lines come back. A program may
 * end before its input does; then its return code and last lines say more than the broken pipe. When the octets fail,
 * the program is ended, and their fault is thrown.
 */

import { once } from 'node:events'
import { ended, startCommand } from './command.ts'

export interface Receiver {
  readonly program: string
  readonly arguments: readonly string[]
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
}

export interface StreamEnd {
  readonly exitCode: number
  readonly tail: string
}

const tailLines = 5

export async function streamInto(
  octets: AsyncIterable<Buffer> | Iterable<Buffer>,
  receiver: Receiver,
): Promise<StreamEnd> {
  const child = startCommand(receiver)
  const exit = ended(child, receiver.signal)
  const tail: string[] = []
  const take = (chunk: Buffer): void => {
    // Programs redraw their progress with a carriage return.
    for (const line of chunk.toString('utf8').split(/[\r\n]+/)) {
      if (line === '') continue
      receiver.onLine(line)
      tail.push(line)
      if (tail.length > tailLines) tail.shift()
    }
  }
  child.stderr?.on('data', take)
  child.stdout?.on('data', take)
  const { stdin } = child
  // It may end at its own end mark, with padding to come, which still belongs to the hash.
  let broken = stdin === null
  let failed = false
  stdin?.on('error', () => {
    broken = true
  })
  const exited = exit.then((exitCode) => {
    broken = true
    failed = exitCode !== 0
  })
  try {
    for await (const chunk of octets) {
      if (failed) break
      if (stdin === null || broken || stdin.write(chunk)) continue
      await Promise.race([once(stdin, 'drain').catch(() => {}), exited])
    }
  } catch (error) {
    child.kill('SIGKILL')
    await exit
    throw error
  }
  stdin?.end()
  return { exitCode: await exit, tail: tail.join('\n') }
}

export interface Peeked {
  readonly start: Buffer
  /** All of it, the start included. */
  readonly octets: AsyncGenerator<Buffer>
}

/** The first octets, without taking them away. Whoever does not read the rest ends it with `return()`. */
export async function peekOctets(octets: AsyncGenerator<Buffer>, bytes: number): Promise<Peeked> {
  const chunks: Buffer[] = []
  let length = 0
  while (length < bytes) {
    const next = await octets.next()
    if (next.done === true) break
    chunks.push(next.value)
    length += next.value.length
  }
  const start = Buffer.concat(chunks)
  return { start, octets: joined(start, octets) }
}

async function* joined(start: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (start.length > 0) yield start
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}
