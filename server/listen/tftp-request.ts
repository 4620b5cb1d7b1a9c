/** From a request to an open file and agreed terms, or to the refusal the client is told. Opens nothing but by name. */

import { blockBytesForMtu, defaultTftpLimits, negotiate } from '../tftp/negotiate.ts'
import type { Negotiated } from '../tftp/negotiate.ts'
import { parseRequestedName } from '../tftp/requested-name.ts'
import { parseRequestedOptions } from '../wire/tftp-options.ts'
import { dataHeaderBytes, tftpErrors } from '../wire/tftp-packet.ts'
import type { TftpRequest } from '../wire/tftp-packet.ts'
import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { BootFile } from './boot-file-source.ts'
import type { GrantedFiles } from './granted-files.ts'
import { interfaceNameOf } from './interface-names.ts'
import { interfaceMtu } from './libc.ts'
import type { NetasciiTexts } from './netascii-texts.ts'

export interface PreparedTransfer {
  readonly kind: 'transfer'
  readonly name: string
  readonly file: BootFile
  readonly terms: Negotiated
  /** The kernel may cut a window into datagrams of this size: they fit the interface. 0: it may not. */
  readonly segmentBytes: number
  readonly blockAfterWrap: 0 | 1
}

export interface RefusedRequest {
  readonly kind: 'refused'
  readonly counter: 'write-requests' | 'refused-modes' | 'refused-names' | 'not-found' | 'read-failed'
  readonly code: number
  /** Never more than the client knows already: no path, no reason from inside (TF-08). */
  readonly message: string
}

export interface AskedOf {
  readonly files: GrantedFiles
  readonly texts: NetasciiTexts
  readonly client: Ipv4Address
  /** 0: not known. */
  readonly interfaceIndex: number
  /** Of this client's path, as far as it is known. */
  readonly blockBytesMax: number
}

/** Ethernet, where the interface is not known. */
const usualMtuBytes = 1500
/** IPv4 and UDP headers, and the number of the block. */
const headerBytes = 32
const mtuForMs = 5_000

export async function prepareTransfer(packet: TftpRequest, asked: AskedOf): Promise<PreparedTransfer | RefusedRequest> {
  if (packet.kind === 'write-request') return refused('write-requests', tftpErrors.accessViolation, 'Read only')
  if (packet.mode !== 'octet' && packet.mode !== 'netascii') {
    return refused('refused-modes', tftpErrors.illegalOperation, 'Use octet mode')
  }
  const requested = parseRequestedName(packet.file)
  if (requested.kind === 'refused') {
    return requested.reason === 'traversal'
      ? refused('refused-names', tftpErrors.accessViolation, 'Not allowed')
      : refused('refused-names', tftpErrors.fileNotFound, 'File not found')
  }
  const granted = await asked.files.open(requested.name, asked.client)
  if (granted === undefined) return refused('not-found', tftpErrors.fileNotFound, 'File not found')
  const file = packet.mode === 'octet' ? granted.file : await asked.texts.convert(granted.file)
  if (file === undefined) {
    return refused('refused-modes', tftpErrors.illegalOperation, 'Too large for netascii, use octet mode')
  }
  const mtuBytes = mtuOf(asked.interfaceIndex)
  const limits = { ...defaultTftpLimits, blockBytesMax: blockBytesForMtu(mtuBytes), ...granted.limits }
  const blockBytesMax = Math.min(limits.blockBytesMax, asked.blockBytesMax)
  const terms = negotiate(parseRequestedOptions(packet.options), file.bytes, { ...limits, blockBytesMax })
  const segmented = terms.windowBlocks > 1 && terms.blockBytes + headerBytes <= mtuBytes
  const segmentBytes = segmented ? terms.blockBytes + dataHeaderBytes : 0
  return { kind: 'transfer', name: requested.name, file, terms, segmentBytes, blockAfterWrap: limits.blockAfterWrap }
}

function refused(counter: RefusedRequest['counter'], code: number, message: string): RefusedRequest {
  return { kind: 'refused', counter, code, message }
}

const mtus = new Map<number, { readonly bytes: number; readonly untilMs: number }>()

function mtuOf(interfaceIndex: number): number {
  const known = mtus.get(interfaceIndex)
  if (known !== undefined && known.untilMs > performance.now()) return known.bytes
  const interfaceName = interfaceIndex === 0 ? '' : interfaceNameOf(interfaceIndex)
  // Undefined: the interface has gone, and the client with it.
  const bytes = (interfaceName === '' ? undefined : interfaceMtu(interfaceName)) ?? usualMtuBytes
  mtus.set(interfaceIndex, { bytes, untilMs: performance.now() + mtuForMs })
  return bytes
}
