/** Images as content of a run, served on loopback with Range, and a machine of loop disks to apply them to. Needs root. */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { parsePackageId } from '../../server/address/identifiers.ts'
import type { PolicyContent } from '../../server/contract/agent.ts'
import { parseSha256, type Sha256 } from '../../server/site/content.ts'
import { formatAndPartitionDisk } from '../../bootstrap/steps/format-and-partition-disk.ts'
import type { StepContext } from '../../bootstrap/step-context.ts'
import { TargetSystem } from '../../bootstrap/target-system.ts'
import { actionOf } from '../support/actions.ts'
import { makeContext, makeLoopDisk, type TestContext } from './loop-disk.ts'

export type Contents = Readonly<Record<string, Readonly<Record<string, Buffer>>>>

export interface MachineOptions {
  /** By package id, then by name of the file. */
  readonly contents?: Contents
  readonly diskMegabytes?: number
  readonly partitions?: readonly Readonly<Record<string, unknown>>[]
  readonly changes?: Partial<StepContext>
}

/** A machine whose disk was formatted in this run. */
export async function prepareMachine(t: ExecutionContext, options: MachineOptions): Promise<TestContext> {
  const { contents = {}, diskMegabytes = 256, partitions = [{ fileSystem: 'ntfs' }], changes = {} } = options
  const { disk, folder } = makeLoopDisk(t, diskMegabytes * 1024 * 1024)
  const base = await serveContents(t, contents)
  const target = new TargetSystem(join(folder, 'target'), () => {})
  t.teardown(() => target.unmountAll())
  const context = makeContext(folder, {
    disks: [disk],
    target,
    content: Object.entries(contents).map(([id, files]) => contentOf(id, files)),
    download: { bases: [base], token: () => 'token', onFault: () => {}, backOff: { firstMs: 1, mostMs: 1 } },
    ...changes,
  })
  context.keep(
    await formatAndPartitionDisk(actionOf({ type: 'format-and-partition-disk', partitions: [...partitions] }), context),
  )
  return context
}

export function partitionsOf(context: TestContext): readonly string[] {
  return (context.set.get('OSDFormattedPartitions') ?? '').split('; ').map((entry) => entry.split(' ')[0] ?? '')
}

/** What is on a partition, read by something of its own. */
export function lookAt<Seen>(device: string, look: (folder: string) => Seen): Seen {
  const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim()
  const isNtfs =
    execFileSync('blkid', ['-p', '-o', 'value', '-s', 'TYPE', device], { encoding: 'utf8' }).trim() === 'ntfs'
  execFileSync('mount', [...(isNtfs ? ['-t', 'ntfs-3g'] : []), '-o', 'ro', device, folder])
  try {
    return look(folder)
  } finally {
    execFileSync('umount', [folder])
    execFileSync('rmdir', [folder])
  }
}

export function sha256Of(octets: Buffer): Sha256 {
  const sha256 = parseSha256(createHash('sha256').update(octets).digest('hex'))
  if (sha256 === undefined) throw new Error('a hash is a hash')
  return sha256
}

export function contentOf(idText: string, files: Readonly<Record<string, Buffer>>): PolicyContent {
  const id = parsePackageId(idText)
  if (id === undefined) throw new Error('a wrong fixture')
  const list = Object.entries(files).map(([name, octets]) => ({ name, sha256: sha256Of(octets), bytes: octets.length }))
  return { id, name: `Content ${id}`, version: 1, kind: 'operating-system-image', files: list }
}

export async function serveContents(t: ExecutionContext, contents: Contents): Promise<string> {
  const server = createServer((request, response) => {
    const [, , id = '', , ...name] = decodeURIComponent(request.url ?? '').split('/')
    const octets = contents[id]?.[name.join('/')]
    if (octets === undefined) return response.writeHead(404).end()
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = { 'content-range': `bytes ${start}-${octets.length - 1}/${octets.length}` }
    response.writeHead(start === 0 ? 200 : 206, { 'content-length': octets.length - start, ...range })
    return response.end(octets.subarray(start))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
