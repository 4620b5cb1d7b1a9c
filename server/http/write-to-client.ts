/** One write to a connection, as a promise that also ends when the client goes. It neither ends nor destroys the answer. */

import type { ServerResponse } from 'node:http'

/** True: everything written so far is in the kernel, and the buffer is free. False: the client has gone. */
export function writeToClient(response: ServerResponse, bytes: Uint8Array, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(false)
    signal.addEventListener('abort', gone, { once: true })
    response.write(bytes, (error) => {
      signal.removeEventListener('abort', gone)
      resolve(error === null || error === undefined)
    })
  })
}
