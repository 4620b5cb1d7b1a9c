/** The wizard "Create task sequence" (S4): the published groups and steps, from the answers of its pages. */

import type { PackageId } from '../../address/identifiers.ts'
import { generateSequence, type SequenceDocument } from '../../sequence/wizards/generate-sequence.ts'
import type { UpgradeTo } from '../../sequence/wizards/wizard-options.ts'
import { defaultSettings } from '../../sequence/task-sequence-settings.ts'
import type { Store } from '../../store/ports.ts'
import { Problem } from '../problem.ts'
import { readKnownObjects } from './broken-references.ts'
import { editedValue, objectAnswer } from './edit-answer.ts'
import { originOf } from './editor.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { taskSequenceView } from './task-sequence-fields.ts'
import { completeDocument, showTaskSequence } from './task-sequence-routes.ts'
import { type WizardRequest, wizardRequest } from './wizard-fields.ts'

export function wizardRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'post',
      path: '/task-sequences/wizard',
      summary: 'Create a task sequence of one of the five kinds, from the answers of the wizard',
      body: wizardRequest,
      answers: { 201: taskSequenceView },
      answer: async ({ principal, body }) => {
        const bootImageId = 'bootImageId' in body ? body.bootImageId : undefined
        const draft = {
          ...(bootImageId === undefined ? {} : { bootImageId }),
          enabled: true,
          settings: defaultSettings,
        }
        const sequence = await completeDocument(store, draft, await documentOf(store, body))
        const origin = originOf(principal, 'Made by the wizard')
        const created = editedValue(await store.taskSequences.create({ ...draft, sequence }, origin))
        const location = `/api/v1/task-sequences/${created.id}`
        return objectAnswer(showTaskSequence(created, await readKnownObjects(store)), 201, { location })
      },
    }),
  ]
}

async function documentOf(store: Store, body: WizardRequest): Promise<SequenceDocument> {
  switch (body.type) {
    case 'install-existing-image':
    case 'build-and-capture':
      return generateSequence({ ...body, system: await systemOf(store, body.imageId) })
    case 'upgrade':
      return generateSequence({ ...body, to: upgradeTo(body) })
    default:
      return generateSequence(body)
  }
}

/** One of the two: the setup of a package upgrades Windows alone, and a release names none. */
function upgradeTo(body: Extract<WizardRequest, { readonly type: 'upgrade' }>): UpgradeTo {
  const { upgradePackageId, editionIndex, productKey, release } = body
  if (upgradePackageId === undefined) {
    if (release !== '') return { kind: 'release', release }
    throw refused('upgradePackageId', 'give an upgrade package, or for Debian and its kind a release')
  }
  if (release !== '') throw refused('release', 'give an upgrade package or a release, not both')
  return { kind: 'package', upgradePackageId, editionIndex, productKey }
}

/** How the disk is divided follows from what is in the image. */
async function systemOf(store: Store, imageId: PackageId): Promise<'linux' | 'windows'> {
  const image = await store.operatingSystemImages.get(imageId)
  if (image !== undefined) return image.format === 'wim' ? 'windows' : 'linux'
  throw refused('imageId', `there is no operating system image ${imageId}`)
}

function refused(path: string, message: string): Problem {
  return new Problem(422, { detail: 'The wizard cannot make this task sequence.', faults: [{ path, message }] })
}
