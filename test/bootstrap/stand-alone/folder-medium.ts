/** A stand-alone medium as a folder: sealed, signed and laid out as the builder does it, with content of the test's own. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSigningKey, rawPublicKey, readSigningKey } from '../../../media/signed/site-key.ts'
import type { PolicyContent, PolicyVariable } from '../../../server/contract/agent.ts'
import { mediumContentPath, type MediumPolicy } from '../../../server/contract/medium.ts'
import { sequenceOf } from '../../support/sequences.ts'
import { hashOf, listedContent, mediumIdOf, packageIdOf, signMedium, writeFiles } from '../../support/signed-medium.ts'

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

const mediumId = mediumIdOf('ab'.repeat(16))

/** A folder for each volume, `1` and so on, below this one; the key that the site signs with is beside them. */
export async function layOutMedium(folder: string, medium: TestMedium): Promise<void> {
  const { contents = [], variables = [], password } = medium
  const signingKey = readSigningKey(makeSigningKey())
  writeFileSync(join(folder, 'site-key'), rawPublicKey(signingKey))
  writeFileSync(join(folder, 'medium-id'), mediumId)
  const places = contents.flatMap(({ files, volume = 1 }) =>
    Object.values(files).map((octets) => ({ volume, octets, sha256: hashOf(octets) })),
  )
  const policy = policyOf(medium)
  const count = Math.max(1, ...places.map(({ volume }) => volume))
  for (let number = 1; number <= count; number += 1) {
    const here = places.filter(({ volume }) => volume === number)
    const { files } = await signMedium({
      signingKey,
      files: new Map(here.map(({ sha256, octets }) => [mediumContentPath(sha256), octets])),
      manifest: {
        mediumId,
        kind: 'stand-alone',
        label: 'Branch',
        createdAtMs: 1,
        ...(medium.expiresAtMs === undefined ? {} : { expiresAtMs: medium.expiresAtMs }),
        unattended: medium.unattended === true,
        servers: [],
        volume: { number, count },
        ...(count === 1 ? {} : { volumeOf: Object.fromEntries(places.map(({ sha256, volume }) => [sha256, volume])) }),
        contents: policy.content,
      },
      ...(number === 1 ? { sealed: { variables, policy } } : {}),
      ...(password === undefined ? {} : { password }),
    })
    writeFiles(join(folder, String(number)), files)
  }
}

function policyOf({ children, contents = [], variables = [] }: TestMedium): MediumPolicy {
  return {
    taskSequenceId: packageIdOf('RVL00002'),
    taskSequenceRevision: 1,
    sequence: sequenceOf({ name: 'Branch office', children }),
    variables,
    content: contents.map(({ id, kind, files, more = {} }) => ({
      id: packageIdOf(id),
      name: id,
      version: 1,
      kind,
      files: listedContent(files),
      ...more,
    })),
    siteCode: 'RVL',
  }
}
