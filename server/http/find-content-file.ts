/** Which file of some contents a request names: behind `/content/` by id, version and name, behind `/blobs/` by its hash. */

import { parsePackageId, type PackageId } from '../address/identifiers.ts'
import { type ContentFile, parseSha256, type Sha256 } from '../site/content.ts'
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

/** For long lists that are asked many times: each list is gone through once. The first file with a hash stands for all. */
export class FilesByHash {
  readonly #known = new WeakMap<readonly Listed[], ReadonlyMap<Sha256, ContentFile>>()

  find(contents: readonly Listed[], rest: string): ContentFile | undefined {
    const sha256 = parseSha256(rest)
    return sha256 && this.#indexOf(contents).get(sha256)
  }

  #indexOf(contents: readonly Listed[]): ReadonlyMap<Sha256, ContentFile> {
    const known = this.#known.get(contents)
    if (known !== undefined) return known
    const index = new Map<Sha256, ContentFile>()
    for (const { files } of contents)
      for (const file of files) if (!index.has(file.sha256)) index.set(file.sha256, file)
    this.#known.set(contents, index)
    return index
  }
}

type Listed = Pick<NamedContent, 'files'>
