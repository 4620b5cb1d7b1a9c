/** How many octets went out on a connection: through Node's stream, and past it (kernel-copy.ts). */

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const copied = new WeakMap<Socket, number>()

export function noteCopied({ socket }: ServerResponse, bytes: number): void {
  if (socket !== null) copied.set(socket, (copied.get(socket) ?? 0) + bytes)
}

export function octetsSent(connection: Socket): number {
  return connection.bytesWritten + (copied.get(connection) ?? 0)
}
