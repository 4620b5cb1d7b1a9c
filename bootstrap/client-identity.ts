/**
 * The identity that the client of an installed system keeps, readable by root alone. It belongs to one machine: in a disk that
 * was copied or moved to another one it counts as none, because two machines with one key would be one to the site.
 * The counter of each start is above every earlier one, even if the clock was set back, or the file is of an old backup.
 */

import { dirname } from 'node:path'
import type { Hardware } from '../server/contract/agent.ts'
import { hasTexts, isCount, isFields } from './decode-answer.ts'
import { makeOwnerOnlyFolder, readOwnFile, replaceFile } from './durable-file.ts'
import { Identity, type IdentityKeys, makeIdentityKeys } from './identity.ts'
import { isSameMachine, type MachineMark } from './run-file.ts'

/** Below the root of the installed system. */
export const clientIdentityFile = 'var/lib/reveille/client-identity.json'

const version = 1
const fileBytesMax = 65_536
/** Far more requests than there are milliseconds in a start that asks once. */
const counterStep = 10_000

interface KeptIdentity {
  readonly version: number
  readonly keys: IdentityKeys
  readonly machine: MachineMark
  /** No start has used a counter above it, or the clock was past that. */
  readonly lastCounter: number
}

/** Makes one where there is none for this machine; it is on the disk when this returns. */
export function openClientIdentity(
  path: string,
  { smbiosGuid, macAddresses }: Pick<Hardware, 'smbiosGuid' | 'macAddresses'>,
  nowMs: number,
): Identity {
  const machine: MachineMark = { macAddresses, ...(smbiosGuid === undefined ? {} : { smbiosGuid }) }
  const found = read(path)
  const kept = found !== undefined && isSameMachine(found.machine, machine) ? found : undefined
  const keys = kept?.keys ?? makeIdentityKeys()
  const lastCounter = Math.max(kept?.lastCounter ?? 0, nowMs)
  const identity = new Identity(keys, lastCounter)
  makeOwnerOnlyFolder(dirname(path))
  replaceFile(path, JSON.stringify({ version, keys, machine, lastCounter: lastCounter + counterStep }))
  return identity
}

function read(path: string): KeptIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readOwnFile(path, fileBytesMax)?.toString('utf8') ?? '')
    const kept = isKept(value) ? value : undefined
    // Keys that are none are found here, not at the first request.
    if (kept !== undefined) void new Identity(kept.keys)
    return kept
  } catch {
    return undefined
  }
}

function isKept(value: unknown): value is KeptIdentity {
  if (!isFields(value) || value['version'] !== version || !isCount(value['lastCounter'])) return false
  const { keys, machine } = value
  if (!isFields(keys) || !hasTexts(keys, 'signing', 'sealing', 'nonce')) return false
  return isFields(machine) && Array.isArray(machine['macAddresses'])
}
