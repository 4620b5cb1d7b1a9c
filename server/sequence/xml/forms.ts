/** Every step type as it looks in the XML of the source system, and the step type of each class. */

import { type Action, type ActionType, isActionType, stepTypes } from '../step-types.ts'
import type { StepType } from '../step-type.ts'
import type { Form } from './form.ts'
import { diskForms } from './forms/disks.ts'
import { generalForms } from './forms/general.ts'
import { imageForms } from './forms/images.ts'
import { settingsForms } from './forms/settings.ts'
import { softwareForms } from './forms/software.ts'

const forms = {
  ...generalForms,
  ...softwareForms,
  ...diskForms,
  ...imageForms,
  ...settingsForms,
} as const satisfies Readonly<Record<ActionType, Form>>

const classPrefix = 'SMS_TaskSequence_'

export interface StepForm {
  readonly definition: StepType
  readonly form: Form
}

export function formOf({ type }: Pick<Action, 'type'>): StepForm {
  return { definition: stepTypes[type], form: forms[type] }
}

/** Undefined: no step type here is that class. */
export function formOfClass(name: string): StepForm | undefined {
  const known = Object.values<StepType>(stepTypes).find(
    ({ xmlName }) => `${classPrefix}${xmlName}`.toLowerCase() === name.trim().toLowerCase(),
  )
  return known !== undefined && isActionType(known.type) ? formOf({ type: known.type }) : undefined
}

export function classOf({ xmlName }: StepType): string {
  return classPrefix + xmlName
}
