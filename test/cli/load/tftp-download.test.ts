/** The load's TFTP client, packet by packet: what it acknowledges, what it takes, and what it does not believe. */

import test, { type ExecutionContext } from 'ava'
import { Download } from '../../../server/cli/load/tftp-download.ts'
import { decodeTftpPacket, encodeTftpPacket } from '../../../server/wire/tftp-packet.ts'

const content = Uint8Array.from({ length: 1_300 }, (_, index) => index % 251)
const serverPort = 40_000

interface Talk {
  readonly download: Download
  readonly taken: number[]
  /** What it said since it was asked last, in short. */
  said(): readonly string[]
  agree(options?: Readonly<Record<string, string>>): void
  data(block: number, bytes?: number): void
}

function talk(windowBlocks = 1): Talk {
  const packets: string[] = []
  const taken: number[] = []
  const send = (bytes: Uint8Array, port: number): void => {
    const packet = decodeTftpPacket(bytes)
    packets.push(packet.kind === 'acknowledgement' ? `ACK ${packet.block} to ${port}` : `${packet.kind} to ${port}`)
  }
  const take = (bytes: Uint8Array, at: number): void => {
    for (const [index, octet] of bytes.entries()) taken[at + index] = octet
  }
  const download = new Download({ file: 'a', blockBytes: 512, windowBlocks, send, take }, 0)
  return {
    download,
    taken,
    said: () => packets.splice(0),
    agree(options = { blksize: '512', tsize: String(content.length), windowsize: String(windowBlocks) }) {
      const list = Object.entries(options).map(([name, value]) => ({ name, value }))
      download.receive(encodeTftpPacket({ kind: 'option-acknowledgement', options: list }), serverPort, 1)
    },
    data(block, bytes = 512) {
      const start = (block - 1) * 512
      const octets = content.slice(start, Math.min(start + bytes, content.length))
      download.receive(Uint8Array.of(0, 3, block >> 8, block & 255, ...octets), serverPort, 1)
    },
  }
}

function complete(t: ExecutionContext, { download, taken }: Talk): void {
  t.is(download.state, 'complete')
  t.deepEqual(taken, [...content])
}

test('in lock step each block is acknowledged at the port that the server chose', (t) => {
  const one = talk()
  one.agree({ blksize: '512', tsize: '1300' })
  for (const block of [1, 2, 3]) one.data(block)
  t.deepEqual(one.said(), ['read-request to 69', ...[0, 1, 2, 3].map((block) => `ACK ${block} to ${serverPort}`)])
  complete(t, one)
})

test('RFC 7440: a gap in a window is told once, and what came behind it is not taken', (t) => {
  const one = talk(4)
  one.agree()
  one.said()
  one.data(1)
  one.data(3)
  one.data(3)
  t.deepEqual(one.said(), [`ACK 1 to ${serverPort}`])
  one.data(2)
  one.data(3)
  t.deepEqual(one.said(), [`ACK 3 to ${serverPort}`])
  complete(t, one)
})

test('who hears nothing for a second says the last thing again', (t) => {
  const one = talk()
  t.false(one.download.tick(999))
  t.true(one.download.tick(1_000))
  t.deepEqual(one.said(), ['read-request to 69', 'read-request to 69'])
  one.agree({ blksize: '512' })
  one.data(1)
  one.said()
  t.true(one.download.tick(5_000))
  t.deepEqual(one.said(), [`ACK 1 to ${serverPort}`])
})

test('a refusal ends it, with the words of the server', (t) => {
  const one = talk()
  const refusal = encodeTftpPacket({ kind: 'error', code: 1, message: 'no such file' })
  one.download.receive(refusal, serverPort, 1)
  t.is(one.download.state, 'refused')
  t.is(one.download.refusal, 'no such file')
})

test('a server that grants more than was asked, or another size than it told, is found out', (t) => {
  t.throws(() => talk().agree({ blksize: '513' }), { message: /no more than asked/ })
  const short = talk()
  short.agree({ blksize: '512', tsize: '1301' })
  short.data(1)
  short.data(2)
  t.throws(() => short.data(3), { message: /the size told is the size/ })
})

test('a stranger’s packets are not taken', (t) => {
  const one = talk()
  one.agree({ blksize: '512' })
  one.said()
  one.download.receive(Uint8Array.of(0, 3, 0, 1, 9), serverPort + 1, 1)
  t.deepEqual([one.said(), one.taken], [[], []])
})
