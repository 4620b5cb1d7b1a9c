/** The pages of the wizard as a request (sequence/wizards/wizard-options.ts). What is left out has the wizard's default. */

import { z } from 'zod'
import { packageId } from './fields.ts'

const text = (max: number): z.ZodDefault<z.ZodString> => z.string().max(max).default('')

const named = { name: z.string().min(1).max(50), description: text(255) }

const network = z
  .discriminatedUnion('join', [
    z.strictObject({ join: z.literal('workgroup'), workgroup: text(32) }),
    z.strictObject({
      join: z.literal('domain'),
      domain: z.string().min(1).max(253),
      organizationalUnit: text(32_767),
      account: z.string().min(1).max(255),
      password: text(255),
    }),
  ])
  .default({ join: 'workgroup', workgroup: '' })

const userState = z.discriminatedUnion('keep', [
  z.strictObject({ keep: z.literal('none') }),
  z.strictObject({ keep: z.literal('state-migration-point'), packageId: packageId.exactOptional() }),
  z.strictObject({
    keep: z.literal('locally'),
    packageId: packageId.exactOptional(),
    folder: z.string().min(1).max(255).default('/var/lib/reveille/user-state'),
    useHardLinks: z.boolean().default(true),
  }),
])

const software = {
  updates: z.enum(['none', 'mandatory', 'all']).default('none'),
  applications: z.array(packageId).max(99).default([]),
  continueOnFailure: z.boolean().default(false),
}

const installation = {
  ...named,
  bootImageId: packageId,
  imageId: packageId,
  imageIndex: z.number().int().min(1).max(65_535).default(1),
  partitionDisk: z.boolean().default(true),
  productKey: text(255),
  serverLicenseMode: z.enum(['none', 'per-seat', 'per-server']).default('none'),
  serverLicenseConnectionLimit: z.number().int().min(5).max(9_999).default(5),
  localAdminPassword: z.string().min(1).max(255).exactOptional().describe('Left out: a random password.'),
  network,
  clientPackageId: packageId.exactOptional(),
  installationProperties: text(4_000),
  ...software,
}

/** S4-006: the files of users are kept unless somebody says that they need not be. */
export const wizardRequest = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('install-existing-image'),
      ...installation,
      captureNetworkSettings: z.boolean().default(true),
      captureWindowsSettings: z.boolean().default(true),
      userState: userState.default({ keep: 'state-migration-point' }),
      driverPackageId: packageId.exactOptional(),
    }),
    z.strictObject({
      type: z.literal('build-and-capture'),
      ...installation,
      capture: z
        .strictObject({
          destination: text(255).describe('Left out: the image becomes one of the site.'),
          account: text(255),
          password: text(255),
          creator: text(255),
          version: text(32),
          description: text(255),
        })
        .prefault({}),
    }),
    z.strictObject({
      type: z.literal('upgrade'),
      ...named,
      upgradePackageId: packageId.exactOptional().describe('Windows: the package whose setup upgrades it.'),
      release: text(64).describe(
        'Debian and its kind, instead of a package: the codename to upgrade to, such as trixie.',
      ),
      editionIndex: z.number().int().min(0).max(65_535).default(1),
      productKey: text(255),
      ignoreDismissibleMessages: z.boolean().default(false),
      ...software,
    }),
    z.strictObject({
      type: z.literal('capture-and-restore-user-state'),
      ...named,
      bootImageId: packageId.exactOptional(),
      part: z.enum(['capture', 'restore']),
      userState: userState
        .refine((state) => state.keep !== 'none', { message: 'say where the files are kept' })
        .default({ keep: 'state-migration-point' }),
    }),
    z.strictObject({ type: z.literal('custom'), ...named, bootImageId: packageId.exactOptional() }),
  ])
  .meta({ id: 'TaskSequenceWizard' })

export type WizardRequest = z.output<typeof wizardRequest>
