/** A template of deployments and its row. */

import type { Kysely, Selectable } from 'kysely'
import type { DeploymentTemplateId } from '../../address/identifiers.ts'
import type { DeploymentTemplate } from '../../site/deployment-template.ts'
import { decodeJson, encodeJson } from '../json-text.ts'
import { foldName } from '../names.ts'
import type { Schema } from '../schema.ts'

export async function readDeploymentTemplates(db: Kysely<Schema>): Promise<DeploymentTemplate[]> {
  return (await db.selectFrom('deployment_templates').selectAll().orderBy('name_folded').execute()).map(toTemplate)
}

export async function readDeploymentTemplate(
  db: Kysely<Schema>,
  id: DeploymentTemplateId,
): Promise<DeploymentTemplate | undefined> {
  const row = await db.selectFrom('deployment_templates').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : toTemplate(row)
}

export async function writeDeploymentTemplate(db: Kysely<Schema>, template: DeploymentTemplate): Promise<void> {
  const { id, name, description, settings, revision } = template
  const row = { id, name, name_folded: foldName(name), description, settings: encodeJson(settings), revision }
  await db
    .insertInto('deployment_templates')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

function toTemplate(row: Selectable<Schema['deployment_templates']>): DeploymentTemplate {
  const { id, name, description, revision } = row
  return { id, name, description, settings: decodeJson(row.settings), revision }
}
