/** Fetches one file by TFTP, from a port of its own. Who stays silent for long is given up. */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { DecodeError } from '../../wire/decode-error.ts'
import { asError } from '../../caught-error.ts'
import { LoadError } from './load-error.ts'
import { Download } from './tftp-download.ts'

export interface TftpFile {
  readonly address: string
  readonly port: number
  readonly file: string
}

/** Of UEFI firmware. */
const blockBytes = 1_468
const windowBlocks = 4
const ticksEveryMs = 250
const silenceMsMax = 15_000

export async function fetchByTftp(
  { address, port, file }: TftpFile,
  take: (octets: Uint8Array) => void,
): Promise<void> {
  const socket = createSocket('udp4')
  const bound = once(socket, 'listening')
  socket.bind(0)
  await bound
  try {
    await downloaded(socket, { address, port, file }, take)
  } finally {
    socket.close()
  }
}

function downloaded(socket: Socket, { address, port, file }: TftpFile, take: (octets: Uint8Array) => void) {
  return new Promise<void>((resolve, reject) => {
    let heardAtMs = performance.now()
    const end = (error?: Error): void => {
      clearInterval(ticking)
      if (error === undefined) resolve()
      else reject(error)
    }
    // The request goes to the server's port, which may be another than 69; the transfer has one of its own.
    const send = (bytes: Uint8Array, to: number): void => socket.send(bytes, to === 69 ? port : to, address)
    const download = new Download({ file, blockBytes, windowBlocks, send, take }, heardAtMs)
    const ticking = setInterval(() => {
      const nowMs = performance.now()
      if (nowMs - heardAtMs > silenceMsMax) end(new LoadError('TFTP fell silent'))
      else download.tick(nowMs)
    }, ticksEveryMs)
    socket.on('error', (error) => end(new LoadError(error.message)))
    socket.on('message', (bytes, from) => {
      if (from.address !== address) return
      heardAtMs = performance.now()
      try {
        download.receive(bytes, from.port, heardAtMs)
      } catch (error) {
        return end(error instanceof DecodeError ? new LoadError('TFTP that cannot be read') : asError(error))
      }
      if (download.state === 'complete') end()
      else if (download.state === 'refused') end(new LoadError(`TFTP error: ${download.refusal}`))
    })
  })
}
