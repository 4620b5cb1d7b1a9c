/** Writes about media: made, described, published, revoked, removed, and seen on a machine. */

import type { MediumId } from '../../contract/medium.ts'
import { mediumUsesMax } from '../../site/medium.ts'
import type { AuditAction } from '../audit-port.ts'
import type { Medium, MediumChange, SeenMedium } from '../media-port.ts'
import type { Edit } from '../ports.ts'
import { deleteMedium, insertMedium, readMedium, updateMedium } from '../rows/medium-rows.ts'
import { audit } from './audit.ts'
import type { Writing } from './writing.ts'

export async function addMedium(
  writing: Writing,
  { medium, variables }: { readonly medium: Medium; readonly variables: Uint8Array },
): Promise<void> {
  await insertMedium(writing.tx, medium, variables)
  await audit(writing, { ...entryOf(medium), action: 'create', after: told(medium) })
}

export async function changeMedium(
  writing: Writing,
  { id, change }: { readonly id: MediumId; readonly change: MediumChange },
): Promise<Edit<Medium>> {
  const before = await readMedium(writing.tx, id)
  if (before === undefined) return { kind: 'not-found' }
  if (change.kind === 'publish' && before.revoked !== undefined) {
    return { kind: 'refused', reason: `Medium ${id} was revoked: nothing starts from it any more. Make another one.` }
  }
  const after = changed(writing, before, change)
  await updateMedium(writing.tx, after)
  const action: AuditAction = change.kind === 'describe' ? 'change' : change.kind
  await audit(writing, { ...entryOf(after), action, before: told(before), after: told(after) })
  return { kind: 'saved', value: after }
}

export async function removeMedium(writing: Writing, id: MediumId): Promise<Edit<Medium>> {
  const medium = await readMedium(writing.tx, id)
  if (medium === undefined) return { kind: 'not-found' }
  const { revoked, expiresAtMs } = medium
  if (revoked === undefined && (expiresAtMs === undefined || writing.nowMs < expiresAtMs)) {
    const reason = `Machines can still start from medium ${id}. Revoke it first; what is known of its use goes when it is deleted.`
    return { kind: 'refused', reason }
  }
  await deleteMedium(writing.tx, id)
  await audit(writing, { ...entryOf(medium), action: 'remove', before: told(medium) })
  return { kind: 'saved', value: medium }
}

/** An agent says hello again and again while it waits: that is one start. */
export async function noteMediumUse(writing: Writing, seen: SeenMedium): Promise<void> {
  const { tx } = writing
  const { mediumId, lane, deviceId, machineName, ipAddress, identityKey, atMs } = seen
  const old = await tx
    .selectFrom('medium_uses')
    .select(['identity_key', 'starts', 'first_at_ms'])
    .where('medium_id', '=', mediumId)
    .where('lane', '=', lane)
    .executeTakeFirst()
  if (old === undefined) await makeRoom(writing, mediumId)
  const row = {
    medium_id: mediumId,
    lane,
    device_id: deviceId ?? null,
    machine_name: machineName,
    ip_address: ipAddress,
    identity_key: identityKey,
    first_at_ms: old?.first_at_ms ?? atMs,
    last_at_ms: atMs,
    starts: (old?.starts ?? 0) + (old?.identity_key === identityKey ? 0 : 1),
  }
  await tx
    .insertInto('medium_uses')
    .values(row)
    .onConflict((conflict) => conflict.columns(['medium_id', 'lane']).doUpdateSet(row))
    .execute()
}

/** Whoever has a medium may tell of as many addresses as it likes. */
async function makeRoom({ tx }: Writing, mediumId: MediumId): Promise<void> {
  const lanes = await tx
    .selectFrom('medium_uses')
    .select('lane')
    .where('medium_id', '=', mediumId)
    .orderBy('last_at_ms', 'desc')
    .execute()
  for (const { lane } of lanes.slice(mediumUsesMax - 1)) {
    await tx.deleteFrom('medium_uses').where('medium_id', '=', mediumId).where('lane', '=', lane).execute()
  }
}

function changed({ nowMs, actor }: Writing, medium: Medium, change: MediumChange): Medium {
  const { publishedUntilMs: _published, ...unpublished } = medium
  switch (change.kind) {
    case 'describe':
      return { ...medium, description: change.description }
    case 'publish':
      return { ...medium, publishedUntilMs: change.untilMs }
    case 'unpublish':
      return unpublished
    case 'revoke': {
      const by = actor === undefined ? {} : { by: actor.name }
      return { ...unpublished, revoked: medium.revoked ?? { atMs: nowMs, ...by } }
    }
    default:
      return change satisfies never
  }
}

function entryOf({ id, label }: Medium) {
  return { kind: 'medium' as const, id, name: label }
}

/** What the audit tells of it: neither keys nor command lines, which may hold a password, and variables by name. */
function told(medium: Medium): object {
  const { kind, label, description, bootImage, unattended, passwordRequired, deploymentId, deployments } = medium
  const { startsAtMs, expiresAtMs, revoked, publishedUntilMs, variables, servers, unknownComputers } = medium
  return {
    kind,
    label,
    description,
    bootImage: `${bootImage.id} version ${bootImage.version}`,
    unattended,
    passwordRequired,
    deploymentId,
    deployments,
    startsAtMs,
    expiresAtMs,
    revoked,
    publishedUntilMs,
    servers,
    unknownComputers,
    variables: variables.map(({ name }) => name),
  }
}
