/** Install Deployment Tools (S2 table, row 26): a step of older versions, for Windows before it brought sysprep along. */

import { optional, reference } from '../fields.ts'
import { defineStepType } from '../step-type.ts'

export const installDeploymentTools = defineStepType({
  type: 'install-deployment-tools',
  title: 'Install Deployment Tools',
  about: 'Older versions of Windows only: installs sysprep. Every Windows since Vista has it.',
  category: 'images',
  runsIn: 'installed-system',
  xmlName: 'InstallDeployToolsAction',
  fields: { packageId: optional(reference('The package with the tools.', 'package')) },
})
