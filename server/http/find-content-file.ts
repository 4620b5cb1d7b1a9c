/** Which file of some contents a request names: behind `/content/` by id, version and name, behind `/blobs/` by its hash. */

import { parsePackageId, type PackageId } from '../address/identifiers.ts'
import { type ContentFile, parseSha256 } from '../site/content.ts'
import { decodeName } from './request-guard.ts'

export interface NamedContent {
  readonly id: PackageId
  readonly version: number
  readonly files: readonly ContentFile[]
}

export function namedFile(contents: readonly NamedContent[], rest: string): ContentFile | undefined {
  const [idText = '', versionText = '', ...segments] = rest.split('/')
  const id = parsePackageId(idText)
  const name = decodeName(segments.join('/'))
  const content = contents.find((item) => item.id === id && String(item.version) === versionText)
  return content?.files.find((candidate) => candidate.name === name)
}

export function hashedFile(contents: readonly NamedContent[], rest: string): ContentFile | undefined {
  const sha256 = parseSha256(rest)
  return contents.flatMap((item) => item.files).find((candidate) => candidate.sha256 === sha256)
}
