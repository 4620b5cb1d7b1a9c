/**
 * Answers of one connection in turn: a pipelined request waits until the answer before it is finished, so a connection has
 * one file open and one answer in memory however many requests it sends. Node hands over each request as it is read, and
 * gives the connection to its answer when it is that one's turn. Who waits with too many requests is no machine.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Firmware sends a handful, tools of administrators some tens (H10). */
export const pipelinedRequestsMax = 128

type Handler = (request: IncomingMessage, response: ServerResponse) => void

export function inTurn(handler: Handler, tooMany: () => void): Handler {
  const waiting = new WeakMap<Socket, number>()
  return (request, response) => {
    if (response.socket !== null) return handler(request, response)
    const { socket } = request
    if (socket.destroyed) return
    const others = waiting.get(socket) ?? 0
    if (others >= pipelinedRequestsMax) {
      tooMany()
      socket.destroy()
      return
    }
    waiting.set(socket, others + 1)
    response.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1)
      handler(request, response)
    })
  }
}
