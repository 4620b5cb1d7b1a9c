/** A stand-alone medium as a folder: sealed, signed and laid out as the builder does it, with content of the test's own. */

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sealVariables } from '../../../media/signed/sealed-variables.ts'
import { makeSigningKey, rawPublicKey, readSigningKey, signText } from '../../../media/signed/site-key.ts'
import { parsePackageId } from '../../../server/address/identifiers.ts'
import { assert } from '../../../server/assert.ts'
import type { PolicyContent, PolicyVariable } from '../../../server/contract/agent.ts'
import {
  mediumContentPath,
  type MediumFile,
  mediumFiles,
  type MediumManifest,
  type MediumPolicy,
  parseMediumId,
  printMediumManifest,
  signedManifestPrefix,
} from '../../../server/contract/medium.ts'
import { parseSha256 } from '../../../server/site/content.ts'
import { sequenceOf } from '../../support/sequences.ts'

function certain<T>(value: T | undefined): T {
  assert(value !== undefined, 'the test gave text of the wrong form')
  return value
}

export interface TestContent {
  readonly id: string
  readonly kind: PolicyContent['kind']
  readonly files: Readonly<Record<string, string | Uint8Array>>
  readonly more?: Partial<PolicyContent>
  /** Which volume of the set it is on; absent: the first. */
  readonly volume?: number
}

export interface TestMedium {
  readonly children: readonly object[]
  readonly contents?: readonly TestContent[]
  readonly variables?: readonly PolicyVariable[]
  readonly password?: string
  readonly unattended?: true
  readonly expiresAtMs?: number
}

const mediumId = certain(parseMediumId('ab'.repeat(16)))

/** A folder for each volume, `1` and so on, below this one; the key that the site signs with is beside them. */
export async function layOutMedium(folder: string, medium: TestMedium): Promise<void> {
  const { contents = [], variables = [], password } = medium
  const content = contents.map(policyContentOf)
  const taskSequenceId = certain(parsePackageId('RVL00002'))
  const policy: MediumPolicy = {
    taskSequenceId,
    taskSequenceRevision: 1,
    sequence: sequenceOf({ name: 'Branch office', children: medium.children }),
    variables,
    content,
    siteCode: 'RVL',
  }
  const count = Math.max(1, ...contents.map(({ volume = 1 }) => volume))
  const key = readSigningKey(makeSigningKey())
  writeFileSync(join(folder, 'site-key'), rawPublicKey(key))
  writeFileSync(join(folder, 'medium-id'), mediumId)
  for (let number = 1; number <= count; number += 1) {
    const place = join(folder, String(number))
    const files: MediumFile[] = []
    const put = (path: string, octets: string | Uint8Array): void => void files.push(putFile(place, path, octets))
    for (const { files: named, volume = 1 } of contents) {
      if (volume === number) for (const octets of Object.values(named)) put(mediumContentPath(hashOf(octets)), octets)
    }
    const sealed = await sealVariables(
      { variables, policy },
      { mediumId, files, ...(password === undefined ? {} : { password }) },
    )
    if (number === 1) put(mediumFiles.variables, sealed)
    const volumeOf = Object.fromEntries(
      contents.flatMap(({ files: named, volume = 1 }) =>
        Object.values(named).map((octets) => [hashOf(octets), volume] as const),
      ),
    )
    const manifest: MediumManifest = {
      format: 1,
      mediumId,
      siteCode: 'RVL',
      kind: 'stand-alone',
      label: 'Branch',
      createdAtMs: 1,
      ...(medium.expiresAtMs === undefined ? {} : { expiresAtMs: medium.expiresAtMs }),
      unattended: medium.unattended === true,
      passwordRequired: password !== undefined,
      serverSelection: 'site-based',
      servers: [],
      bootImage: { id: certain(parsePackageId('RVL00001')), version: 1, architecture: 'x64' },
      volume: { number, count },
      ...(count === 1 ? {} : { volumeOf }),
      contents: content,
      files,
    }
    const text = printMediumManifest(manifest)
    putFile(place, mediumFiles.manifest, text)
    putFile(place, mediumFiles.signature, `${signText(signedManifestPrefix + text, key)}\n`)
  }
}

function policyContentOf({ id, kind, files, more = {} }: TestContent): PolicyContent {
  const listed = Object.entries(files).map(([name, octets]) => ({
    name,
    sha256: hashOf(octets),
    bytes: Buffer.from(octets).length,
    ...(name.endsWith('.sh') ? { executable: true as const } : {}),
  }))
  return { id: certain(parsePackageId(id)), name: id, version: 1, kind, files: listed, ...more }
}

function putFile(place: string, path: string, octets: string | Uint8Array): MediumFile {
  mkdirSync(dirname(join(place, path)), { recursive: true })
  writeFileSync(join(place, path), octets)
  return { path, bytes: Buffer.from(octets).length, sha256: hashOf(octets) }
}

export function hashOf(octets: string | Uint8Array) {
  return certain(parseSha256(createHash('sha256').update(octets).digest('hex')))
}
