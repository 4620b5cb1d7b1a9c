/** Options of a deployment that do not fit what it is (S5-002, S5-016, S5-017, S5-028, S5-030); judged where they are new. */

import type { TaskSequenceObject } from '../sequence/task-sequence-object.ts'
import { isHighImpact } from '../sequence/high-impact.ts'
import type { Collection } from '../site/collection.ts'
import { type Deployment, isForClients, isForMediaAndPxe, Purpose } from '../site/deployment.ts'
import type { DeploymentOptions } from '../site/deployment-options.ts'
import type { FieldFault } from '../site/field-fault.ts'

export type WithOptions = Pick<Deployment, 'purpose' | 'makeAvailableTo'> & DeploymentOptions

type Sequence = Pick<TaskSequenceObject, 'id' | 'bootImageId' | 'sequence' | 'settings'>

interface Known {
  readonly sequence?: Sequence | undefined
  /** Absent: of a template, which has none. */
  readonly collection?: Pick<Collection, 'id' | 'defaultDistributionPointGroups'> | undefined
}

export function deploymentOptionFaults(
  written: WithOptions,
  { current, ...known }: Known & { readonly current?: WithOptions | undefined },
): readonly FieldFault[] {
  const faults = optionFaults(written, known)
  if (current === undefined) return faults
  const before = new Set(optionFaults(current, known).map(({ message }) => message))
  return faults.filter(({ message }) => !before.has(message))
}

function optionFaults(written: WithOptions, { sequence, collection }: Known): readonly FieldFault[] {
  const isRequired = written.purpose === Purpose.required
  const faults: FieldFault[] = []
  const refuse = (field: keyof DeploymentOptions, message: string): void => {
    faults.push({ path: [field], message })
  }
  if (written.sendWakeUpPackets && !isRequired) {
    refuse('sendWakeUpPackets', 'only what is required is ever due, so that nobody would be woken')
  }
  if (!written.runIndependentlyOfAssignments && !isRequired) {
    refuse('runIndependentlyOfAssignments', 'an available deployment is started by people and in no other way')
  }
  if (written.allowMeteredConnection) {
    if (!isRequired) refuse('allowMeteredConnection', 'it belongs to a deadline, and only what is required has one')
    else if (sequence !== undefined && isHighImpact(sequence.sequence, sequence.settings)) {
      const message = `${sequence.id} deploys an operating system, which no metered connection is for`
      refuse('allowMeteredConnection', message)
    }
  }
  if (written.allowInternetClients && sequence?.bootImageId !== undefined) {
    const message = `${sequence.id} uses a boot image, which clients on other networks cannot come by`
    refuse('allowInternetClients', message)
  }
  if (written.timesByClientClock && !isForClients(written.makeAvailableTo)) {
    refuse('timesByClientClock', 'only clients tell what their clock shows; make it available to clients, or write UTC')
  }
  if (written.contentOption === 'download-before-start' && isForMediaAndPxe(written.makeAvailableTo)) {
    const message =
      'media and PXE have no disk to keep it on before the sequence starts; make it available to clients only'
    refuse('contentOption', message)
  }
  if (written.useDefaultDistributionPointGroups && collection?.defaultDistributionPointGroups.length === 0) {
    refuse('useDefaultDistributionPointGroups', `collection ${collection.id} has no default distribution point groups`)
  }
  return faults
}
