/** A deployment as the API takes and shows it. */

import { z } from 'zod'
import { canaryMachinesMax, type Deployment, MakeAvailableTo, Purpose } from '../../site/deployment.ts'
import { deploymentOptionDraft, deploymentOptionView, instant, refusedOptionDraft } from './deployment-option-fields.ts'
import { collectionId, deploymentTemplateId, label, packageId } from './fields.ts'
import { clientScheduleDraft, clientScheduleView, showClientSchedule } from './schedule-fields.ts'

const fromElsewhere = 'Absent: as it is, or as the template has it'

export const deploymentDraft = z
  .strictObject({
    taskSequenceId: packageId,
    collectionId,
    purpose: z.enum(Object.values(Purpose)).exactOptional().meta({ description: fromElsewhere }),
    makeAvailableTo: z.enum(Object.values(MakeAvailableTo)).exactOptional().meta({ description: fromElsewhere }),
    templateId: deploymentTemplateId.exactOptional().meta({
      description: 'Of a new one: whatever is not sent is as this template has it',
    }),
    comment: label(512).default(''),
    enabled: z.boolean().exactOptional().meta({ description: 'Absent: as it is, and true for a new deployment' }),
    availableAtMs: instant.exactOptional().meta({
      description: 'Milliseconds since 1970; absent: now. Clients in the installed system are not offered it earlier',
    }),
    expiresAtMs: instant.exactOptional().meta({
      description:
        'Milliseconds since 1970; absent: never. Clients in the installed system are not offered it from then on',
    }),
    obeyScheduleInBootImage: z.boolean().exactOptional().meta({
      description: 'Both times hold for PXE and media, too; absent: as it is, and false for a new deployment',
    }),
    acceptRisk: z.boolean().default(false).meta({
      description:
        'That something which replaces the system is required of a collection with more members than is usual here (S5-041)',
    }),
    clientSchedule: clientScheduleDraft.exactOptional().meta({
      description:
        'Of a required one, on clients in their installed system; absent: as it is, and as soon as possible for a new one',
    }),
    canary: z
      .strictObject({
        machines: z.number().int().min(1).max(canaryMachinesMax),
        failuresMax: z
          .number()
          .int()
          .min(0)
          .max(canaryMachinesMax - 1),
      })
      .refine(
        ({ machines, failuresMax }) => failuresMax < machines,
        'would never stop it: fewer may fail than there are',
      )
      .nullable()
      .exactOptional()
      .meta({
        description:
          'The first machines that start it go ahead of all others; when more of them fail, it starts nowhere any more. Null: none; absent: as it is',
      }),
    reinstallHealthy: z.boolean().exactOptional().meta({
      description: 'Required over PXE of machines whose client was heard a short time ago, too; absent: as it is',
    }),
    ...deploymentOptionDraft,
    ...refusedOptionDraft,
  })
  .meta({ id: 'DeploymentDraft' })

export const deploymentView = z
  .object({
    id: z.string(),
    taskSequenceId: z.string(),
    collectionId: z.string(),
    purpose: z.enum(Object.values(Purpose)),
    makeAvailableTo: z.enum(Object.values(MakeAvailableTo)),
    comment: z.string(),
    enabled: z.boolean(),
    availableAtMs: z.number(),
    expiresAtMs: z.number().optional(),
    obeyScheduleInBootImage: z.boolean(),
    riskAcceptedBy: z.string().optional(),
    secondApproval: z
      .object({ askedBy: z.string(), approvedBy: z.string().optional() })
      .optional()
      .meta({ description: 'Without approvedBy it starts nowhere' }),
    clientSchedule: clientScheduleView,
    canary: z.object({ machines: z.number().int(), failuresMax: z.number().int() }).optional(),
    reinstallHealthy: z.boolean().optional(),
    ...deploymentOptionView,
    createdAtMs: z.number(),
    revision: z.number().int(),
  })
  .meta({ id: 'Deployment' })

export function showDeployment({ secondApproval, ...deployment }: Deployment) {
  return {
    ...deployment,
    ...(secondApproval === undefined
      ? {}
      : { secondApproval: { ...secondApproval, askedBy: secondApproval.askedBy.name } }),
    clientSchedule: showClientSchedule(deployment.clientSchedule),
  }
}
