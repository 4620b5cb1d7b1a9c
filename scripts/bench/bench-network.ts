/** The private network of the bench and the files that all servers serve. */

import { randomBytes } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { addBridge, ip, type Bridge } from '../lab/network.ts'
import { relayAddress } from './bench-addresses.ts'
import { type BenchCase, benchFiles } from './cases.ts'
import { filesFolder, loadAddress } from './peers.ts'

/** Every client has an address of its own here, as machines have: servers look at how much one of them asks. */
export const firstClientAddress = '10.100.0.1'
const clientNetwork = '10.100.0.0/16'
/** Made only for those who ask for them: they take seconds. */
const largeBytes = 8 * 1_048_576
const pieceBytes = 64 * 1_048_576

export async function makeNetwork(): Promise<Bridge> {
  const bridge = await addBridge('rv-bench', [`${loadAddress}/16`])
  // The relay's side of the network, where machines would be.
  await ip('addr', 'add', `${relayAddress}/14`, 'dev', 'lo')
  await ip('route', 'add', 'local', clientNetwork, 'dev', 'lo')
  return bridge
}

export async function makeFiles(directory: string, cases: readonly BenchCase[]): Promise<void> {
  await mkdir(join(directory, filesFolder))
  const wanted = new Set<string>(cases.flatMap((bench) => (bench.protocol === 'http' ? [bench.file] : [])))
  const piece = randomBytes(pieceBytes)
  for (const [name, bytes] of Object.entries(benchFiles)) {
    if (bytes > largeBytes && !wanted.has(name)) continue
    const file = await open(join(directory, filesFolder, name), 'w')
    for (let at = 0; at < bytes; at += pieceBytes) await file.write(piece, 0, Math.min(pieceBytes, bytes - at))
    await file.close()
  }
}
