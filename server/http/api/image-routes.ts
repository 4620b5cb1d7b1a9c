/** `/boot-images` and `/operating-system-images`: the objects; their files are in content-routes.ts. */

import { z } from 'zod'
import { kernelArgumentFault, kernelArgumentsMax } from '../../boot/kernel-arguments.ts'
import { type BootImage, bootArchitectures } from '../../site/boot-image.ts'
import type { OperatingSystemImage } from '../../site/operating-system-image.ts'
import { contentView, label, packageId } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import type { HttpDependencies } from '../dependencies.ts'
import type { ApiRoute } from './route.ts'
import { contentRoutes } from './content-routes.ts'
import { inspectImage } from './inspect-image.ts'

/** The allow-list of the script itself, so that nothing is stored that a machine would never be given (security B08). */
const kernelArgument = z.string().superRefine((argument, context) => {
  const fault = kernelArgumentFault(argument)
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
})

export const bootImageDraft = z
  .strictObject({
    name: label(255).min(1),
    description: label(512).default(''),
    architecture: z.enum(bootArchitectures),
    kind: z.enum(['linux', 'winpe']).default('linux'),
    enabledForPxe: z.boolean().default(true),
    kernelArguments: z.array(kernelArgument).max(kernelArgumentsMax).default([]),
  })
  .meta({ id: 'BootImageDraft' })

const bootImageView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    architecture: z.enum(bootArchitectures),
    kind: z.enum(['linux', 'winpe']),
    enabledForPxe: z.boolean(),
    kernelArguments: z.array(z.string()),
    content: contentView.optional(),
    revision: z.number().int(),
  })
  .meta({ id: 'BootImage' })

export const operatingSystemImageDraft = z
  .strictObject({
    name: label(255).min(1),
    description: label(512).default(''),
    architecture: z.enum(bootArchitectures),
    format: z.enum(['root-archive', 'wim']).default('root-archive'),
  })
  .meta({ id: 'OperatingSystemImageDraft' })

const operatingSystemImageView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    architecture: z.enum(bootArchitectures),
    format: z.enum(['root-archive', 'wim']),
    content: contentView.optional(),
    revision: z.number().int(),
  })
  .meta({ id: 'OperatingSystemImage' })

export function imageRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const { store } = dependencies
  return [
    ...objectRoutes({
      path: 'boot-images',
      noun: 'boot image',
      objects: store.bootImages,
      id: packageId,
      draft: bootImageDraft,
      view: bootImageView,
      show: (image: BootImage) => image,
      complete: async (sent) => sent,
    }),
    ...contentRoutes(dependencies, { path: 'boot-images', objects: store.bootImages }),
    ...objectRoutes({
      path: 'operating-system-images',
      noun: 'operating system image',
      objects: store.operatingSystemImages,
      id: packageId,
      draft: operatingSystemImageDraft,
      view: operatingSystemImageView,
      show: (image: OperatingSystemImage) => image,
      complete: async (sent) => sent,
    }),
    ...contentRoutes(dependencies, {
      path: 'operating-system-images',
      objects: store.operatingSystemImages,
      inspect: (image: OperatingSystemImage, files) => inspectImage(dependencies.library, image, files),
    }),
  ]
}
