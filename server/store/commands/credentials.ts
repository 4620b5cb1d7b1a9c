/** Administrators, tokens of the API, sessions of the page. Only hashes reach this file. */

import { foldName } from '../names.ts'
import type { NewToken, StoredToken } from '../credentials-port.ts'
import { audit } from './audit.ts'
import { isTokenLive, readToken, toTokenRow } from '../rows/token-rows.ts'
import type { Writing } from './writing.ts'

export interface Administrator {
  readonly name: string
  readonly passwordPhc: string
}

export async function setAdministrator(writing: Writing, { name, passwordPhc }: Administrator): Promise<void> {
  const { tx } = writing
  await audit(writing, { action: 'create', kind: 'administrator', id: foldName(name), name, after: { name } })
  const row = { name_folded: foldName(name), name, password_phc: passwordPhc }
  await tx
    .insertInto('administrators')
    .values(row)
    .onConflict((conflict) => conflict.column('name_folded').doUpdateSet(row))
    .execute()
}

/** Adding one that exists starts its life again. Dead ones are cleared away on the occasion. */
export async function addToken(writing: Writing, token: NewToken): Promise<void> {
  const { tx, nowMs } = writing
  await auditToken(writing, 'create', token)
  await tx.deleteFrom('tokens').where('expires_at_ms', 'is not', null).where('expires_at_ms', '<=', nowMs).execute()
  const row = toTokenRow(token)
  await tx
    .insertInto('tokens')
    .values(row)
    .onConflict((conflict) => conflict.column('sha256').doUpdateSet(row))
    .execute()
}

export interface TokenUse {
  readonly sha256: string
  readonly nowMs: number
}

export async function useToken({ tx }: Writing, { sha256, nowMs }: TokenUse): Promise<StoredToken | undefined> {
  const token = await readToken(tx, sha256)
  if (token === undefined || !isTokenLive(token, nowMs)) return undefined
  await tx.updateTable('tokens').set({ used_at_ms: nowMs }).where('sha256', '=', sha256).execute()
  return { ...token, usedAtMs: nowMs }
}

export async function removeToken(writing: Writing, sha256: string): Promise<boolean> {
  const { tx } = writing
  const token = await readToken(tx, sha256)
  if (token !== undefined) await auditToken(writing, 'remove', token)
  const removed = await tx.deleteFrom('tokens').where('sha256', '=', sha256).executeTakeFirst()
  return removed.numDeletedRows > 0n
}

/** Of the token itself only its hash is known here, and its beginning names it. */
async function auditToken(writing: Writing, action: 'create' | 'remove', token: NewToken): Promise<void> {
  const name = token.kind === 'api' ? token.name : `page session of ${token.name}`
  const after = action === 'create' ? { expiresAtMs: token.expiresAtMs, idleMs: token.idleMs } : undefined
  await audit(writing, { action, kind: 'token', id: token.sha256.slice(0, 16), name, after })
}
