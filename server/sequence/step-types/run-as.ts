/**
 * The account that a step runs as (S2-006, S2-009, S2-012, S2-013). The names of the variables differ between the steps.
 * `…AsUser` is none of the fields, because it adds to what the step says: `true` lets every later step of the kind run
 * as the account of the variables, and anything else leaves each step to its own settings.
 */

import type { Field, OptionalField } from '../field.ts'
import { flag, optional, text, type TextForm } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'

export const accountCharactersMax = 256
export const passwordCharactersMax = 255

export const accountName: TextForm = {
  isGood: (value) => /^(?:[^\\\s:/]+\\)?[^\\\s:/]+$/.test(value),
  advice: 'Give an account such as deploy or DOMAIN\\deploy.',
}

export interface RunAs {
  readonly runAsUser: boolean
  readonly userName?: string
  readonly userPassword?: string
}

export type RunAsKind = 'SMSTSRunCommandLine' | 'SMSTSRunPowerShell'

export function runAsFields(kind: RunAsKind): {
  runAsUser: Field<boolean>
  userName: OptionalField<string>
  userPassword: OptionalField<string>
} {
  return {
    runAsUser: flag('Run this step as the following account; it fails in the boot image, which has none.', false),
    userName: optional(
      text('The account. On Linux it has to exist.', {
        max: accountCharactersMax,
        form: accountName,
        variable: `${kind}UserName`,
      }),
    ),
    userPassword: optional(
      text('Its password. Linux needs none, because the step starts as root.', {
        max: passwordCharactersMax,
        absent: '',
        secret: true,
        variable: `${kind}UserPassword`,
      }),
    ),
  }
}

export function runAsUserVariable(kind: RunAsKind): string {
  return `${kind}AsUser`
}

export function settleRunAs(settings: RunAs, place: Place): void {
  if (!settings.runAsUser || (settings.userName ?? '') !== '') return
  fault(memberOf(place, 'userName'), 'missing', 'Give the account to run as, or set runAsUser to false.')
}
