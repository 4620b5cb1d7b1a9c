/** Content for tests: a tree of files with its hashes, served with the run token on loopback. */

import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExecutionContext } from 'ava'
import type { DownloadSettings } from '../../bootstrap/download.ts'
import { parsePackageId } from '../../server/address/identifiers.ts'
import type { PolicyContent } from '../../server/contract/agent.ts'
import { parseSha256 } from '../../server/site/content.ts'

export interface ServedFile {
  readonly text: string | Buffer
  readonly executable?: true
}

export function makeContent(
  id: string,
  files: Readonly<Record<string, ServedFile>>,
  more: Partial<PolicyContent> = {},
): PolicyContent {
  const packageId = parsePackageId(id)
  if (packageId === undefined) throw new Error('a wrong fixture')
  return {
    id: packageId,
    name: id,
    version: 1,
    kind: 'package',
    files: Object.entries(files).map(([name, { text, executable }]) => {
      const sha256 = parseSha256(createHash('sha256').update(text).digest('hex'))
      if (sha256 === undefined) throw new Error('a hash is a hash')
      return { name, sha256, bytes: Buffer.byteLength(text), ...(executable === undefined ? {} : { executable }) }
    }),
    ...more,
  }
}

/** What is asked for is noted in `requests`; a name that is not there is 404. */
export async function serveContent(
  t: ExecutionContext,
  trees: Readonly<Record<string, Readonly<Record<string, ServedFile>>>>,
): Promise<{ readonly download: DownloadSettings; readonly requests: string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '')
    requests.push(url)
    const [, id = '', name = ''] = /^\/content\/([^/]+)\/1\/(.*)$/.exec(url) ?? []
    const file = trees[id]?.[name]
    if (request.headers.authorization !== 'Bearer token' || file === undefined) response.writeHead(404).end()
    else response.writeHead(200).end(file.text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const download = {
    bases: [`http://127.0.0.1:${port}`],
    token: () => 'token',
    onFault: () => {},
    backOff: { firstMs: 1, mostMs: 1 },
    triesOfBaseMax: 2,
  }
  return { download, requests }
}
