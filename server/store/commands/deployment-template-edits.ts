/** Edits of templates of deployments. Deployments that were made from one do not change with it. */

import type { DeploymentTemplateId } from '../../address/identifiers.ts'
import type { DeploymentTemplate } from '../../site/deployment-template.ts'
import { readDeploymentTemplate, writeDeploymentTemplate } from '../rows/deployment-template-rows.ts'
import { takeTemplateId } from './counters.ts'
import type { ObjectKind } from './edit-object.ts'
import { refuseTakenName } from './refusals.ts'

export const deploymentTemplateKind: ObjectKind<DeploymentTemplateId, DeploymentTemplate> = {
  audited: 'deployment-template',
  nameOf: ({ name }) => name,
  takeId: takeTemplateId,
  read: readDeploymentTemplate,
  build: (draft, { id, revision }) => ({ ...draft, id, revision }),
  refuseSaving: ({ tx }, template) => refuseTakenName(tx, 'deployment_templates', template),
  refuseRemoving: async () => undefined,
  write: writeDeploymentTemplate,
  async remove(db, id) {
    await db.deleteFrom('deployment_templates').where('id', '=', id).execute()
  },
}
