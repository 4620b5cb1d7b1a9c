/**
 * A port of a switch that sends tagged frames (IEEE 802.1Q): what the machine at it says in one VLAN is on a bridge without the
 * tag, what is said there arrives with it, and all else is dropped. Tags are put on and taken off here, because the kernel below a
 * test need not know VLANs. The machine is at a socket; a QEMU without a machine joins the other side to the bridge.
 */

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { addTap, type Bridge, removeLink } from './network.ts'
import { startProgram } from './program.ts'

export interface TaggedPort {
  /** Where a network card is plugged in (`VirtualMachineOptions.secondCard`). */
  readonly socket: string
  stop(): Promise<void>
}

export interface TaggedPortOptions {
  readonly bridge: Bridge
  readonly vlan: number
  readonly directory: string
}

/** Two addresses; then the tag, and the type of what is inside. */
const tagAt = 12
const tagBytes = 4
const tagProtocol = 0x81_00
const vlanMask = 0x0f_ff
/** In front of each frame on a stream between QEMUs (net/stream.c). */
const lengthBytes = 4

export async function openTaggedPort({ bridge, vlan, directory }: TaggedPortOptions): Promise<TaggedPort> {
  const machine = await listenAt(join(directory, 'tagged.socket'))
  const network = await listenAt(join(directory, 'untagged.socket'))
  machine.onFrame((frame) => {
    const inside = withoutTag(frame, vlan)
    if (inside !== undefined) network.send(inside)
  })
  network.onFrame((frame) => machine.send(withTag(frame, vlan)))
  const tap = await addTap(bridge, `tap-${bridge.name}`.slice(0, 15))
  const cables = [
    `tap,id=tap,ifname=${tap},script=no,downscript=no,vnet_hdr=off`,
    streamTo(network.path, 'switch'),
    'hubport,id=one,hubid=0,netdev=tap',
    'hubport,id=two,hubid=0,netdev=switch',
  ].flatMap((cable) => ['-netdev', cable])
  const withoutMachine = ['-machine', 'none', '-nodefaults', '-display', 'none']
  const program = await startProgram(['qemu-system-x86_64', ...withoutMachine, ...cables])
  await network.connected
  return {
    socket: machine.path,
    async stop() {
      await program.stop()
      machine.close()
      network.close()
      await removeLink(tap)
    },
  }
}

/** QEMU's words for a cable to a socket. */
export function streamTo(path: string, id: string): string {
  return `stream,id=${id},server=off,addr.type=unix,addr.path=${path}`
}

function withTag(frame: Buffer, vlan: number): Buffer {
  const tag = Buffer.alloc(tagBytes)
  tag.writeUInt16BE(tagProtocol, 0)
  tag.writeUInt16BE(vlan, 2)
  return Buffer.concat([frame.subarray(0, tagAt), tag, frame.subarray(tagAt)])
}

/** Undefined: it has no tag, or another one. */
function withoutTag(frame: Buffer, vlan: number): Buffer | undefined {
  if (frame.length < tagAt + tagBytes || frame.readUInt16BE(tagAt) !== tagProtocol) return undefined
  if ((frame.readUInt16BE(tagAt + 2) & vlanMask) !== vlan) return undefined
  return Buffer.concat([frame.subarray(0, tagAt), frame.subarray(tagAt + tagBytes)])
}

interface CableEnd {
  readonly path: string
  readonly connected: Promise<unknown>
  onFrame(take: (frame: Buffer) => void): void
  send(frame: Buffer): void
  close(): void
}

/** Frames for nobody, and of nobody, are lost, as on a cable. */
async function listenAt(path: string): Promise<CableEnd> {
  const server: Server = createServer()
  let other: Socket | undefined
  let take: (frame: Buffer) => void = () => {}
  server.on('connection', (socket) => {
    other = socket
    readFrames(socket, (frame) => take(frame))
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    path,
    connected: once(server, 'connection'),
    onFrame: (taking) => {
      take = taking
    },
    send: (frame) => {
      const length = Buffer.alloc(lengthBytes)
      length.writeUInt32BE(frame.length)
      other?.write(Buffer.concat([length, frame]))
    },
    close: () => {
      other?.destroy()
      server.close()
    },
  }
}

function readFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0)
  // The machine is switched off while something is on its way to it.
  socket.on('error', () => {})
  socket.on('data', (octets: Buffer) => {
    rest = Buffer.concat([rest, octets])
    for (;;) {
      if (rest.length < lengthBytes) return
      const end = lengthBytes + rest.readUInt32BE(0)
      if (rest.length < end) return
      take(rest.subarray(lengthBytes, end))
      rest = rest.subarray(end)
    }
  })
}
