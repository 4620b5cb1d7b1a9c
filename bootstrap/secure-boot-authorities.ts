/**
 * Whose loaders the firmware starts: names of the certificates in its signature database `db` (UEFI 2.10, section 32.4.1). A loader
 * signed with the newer of two authorities does not start where only the older one is trusted.
 */

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hardwareAuthoritiesMax } from '../server/contract/agent.ts'

const databaseFile = 'sys/firmware/efi/efivars/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f'
/** efivarfs puts the variable's attributes first. */
const attributesBytes = 4
const listHeaderBytes = 28
const ownerBytes = 16
/** EFI_CERT_X509_GUID, as it lies in memory. */
const x509 = 'a159c0a5e494a74a87b5ab155c2bf072'

/** None: the machine has no UEFI, or nothing in its database can be read. */
export async function readSecureBootAuthorities(root: string): Promise<readonly string[]> {
  const octets = await readFile(join(root, databaseFile)).catch(() => undefined)
  if (octets === undefined) return []
  const names = certificatesIn(octets.subarray(attributesBytes)).flatMap((der) => nameOf(der) ?? [])
  return [...new Set(names)].slice(0, hardwareAuthoritiesMax)
}

/** What is cut off, or says a length that cannot be, ends the list: firmware is not to be believed. */
export function certificatesIn(database: Buffer): readonly Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + listHeaderBytes <= database.length; ) {
    const type = database.toString('hex', at, at + 16)
    const listBytes = database.readUInt32LE(at + 16)
    const headerBytes = database.readUInt32LE(at + 20)
    const signatureBytes = database.readUInt32LE(at + 24)
    const end = at + listBytes
    if (listBytes < listHeaderBytes || end > database.length || signatureBytes <= ownerBytes) return found
    if (type === x509)
      found.push(...signaturesIn(database.subarray(at + listHeaderBytes + headerBytes, end), signatureBytes))
    at = end
  }
  return found
}

function signaturesIn(list: Buffer, bytes: number): readonly Buffer[] {
  const count = Math.floor(list.length / bytes)
  return Array.from({ length: count }, (_, index) => list.subarray(index * bytes + ownerBytes, (index + 1) * bytes))
}

function nameOf(der: Buffer): string | undefined {
  try {
    const { subject } = new X509Certificate(der)
    const parts = new Map(subject.split('\n').map((line) => line.split(/=(.*)/s, 2) as [string, string]))
    return (parts.get('CN') ?? parts.get('O') ?? subject).slice(0, nameCharactersMax)
  } catch {
    return undefined
  }
}

const nameCharactersMax = 255
