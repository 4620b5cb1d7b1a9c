/**
 * All threads of TFTP. What one machine says reaches one of them (`datagram-descriptor.ts`), so limits of a source are kept there;
 * limits of all sources together are divided among them.
 */

import { BootFileCache } from './boot-file-cache.ts'
import { openTftpThread, type TftpThread, type TftpThreadOptions } from './tftp-thread.ts'
import { openUdpSocket } from './udp-socket.ts'

export interface TftpCrewOptions extends Omit<TftpThreadOptions, 'cache'> {
  readonly signal: AbortSignal
}

/** The least that a thread has of the ports for transfers. */
const transferPortsLeast = 16

export async function openTftpCrew({ signal, ...options }: TftpCrewOptions): Promise<readonly TftpThread[]> {
  const { threads } = options
  const share = shareOf(options)
  const cache = new BootFileCache(share.limits.cacheBytesMax)
  const crew: TftpThread[] = []
  try {
    if (threads > 1) await reserve(options, signal)
    while (crew.length < threads) {
      // Any free port is the same one for all.
      const port = crew[0]?.localPort ?? options.port
      crew.push(await openTftpThread({ ...share, cache, port }))
    }
    return crew
  } catch (error) {
    await Promise.all(crew.map((thread) => thread.close()))
    throw error
  }
}

/** Sockets that share a port share it with another server of this kind as well: first it is had alone, for a moment. */
async function reserve({ address, port }: Pick<TftpCrewOptions, 'address' | 'port'>, signal: AbortSignal) {
  const socket = await openUdpSocket({ service: 'TFTP', address, port, onDatagram: () => undefined, signal })
  await socket.close()
}

type Divided = Omit<TftpCrewOptions, 'signal'>

function shareOf(options: Divided): Divided {
  const { threads, transferPorts, budget, limits } = options
  const part = (whole: number): number => Math.ceil(whole / threads)
  return {
    ...options,
    transferPorts: transferPorts === 0 ? 0 : Math.max(transferPortsLeast, part(transferPorts)),
    budget: { ...budget, perSecondOfAll: part(budget.perSecondOfAll), burstOfAll: part(budget.burstOfAll) },
    limits: {
      halfOpenMax: part(limits.halfOpenMax),
      transfersMax: part(limits.transfersMax),
      cacheBytesMax: part(limits.cacheBytesMax),
    },
  }
}
