/**
 * Set Dynamic Variables (S2-021 to S2-024): rules in their order; each that holds sets its variables.
 * Texts are literal, because `%name%` in them may be a variable that an earlier rule of the same step sets.
 * What the rules come to is the business of evaluate-dynamic-variables.ts.
 */

import type { Field } from '../field.ts'
import { flag, list, optional, record, text, variableName, variant, word } from '../fields.ts'
import { variableOperators } from '../condition.ts'
import { variableValueCharactersMax } from '../environment.ts'
import { fault, memberOf } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

/** Ours: a table by serial number of a large site belongs into variables of devices. */
const rulesMax = 500
const valuesMax = 500
const variablesMax = 100

const kinds = {
  computer: {
    assetTags: values('Asset tags.'),
    uuids: values('SMBIOS UUIDs.'),
    serialNumbers: values('Serial numbers.'),
    macAddresses: values('MAC addresses, such as 52-54-00-12-34-56.'),
  },
  location: {
    defaultGateways: list('Addresses of default gateways.', value('An address.'), { min: 1, max: valuesMax }),
  },
  'make-and-model': {
    make: value('The maker; * stands for any characters, ? for one.'),
    model: value('The model; * stands for any characters, ? for one.'),
  },
  variable: {
    // Most are variables of the device or its collections, so nothing is said when no step sets them.
    variable: { ...variableName('The variable that is asked.', 'read'), mentions: () => [] },
    operator: word('How it is compared.', variableOperators, { absent: 'equals' }),
    value: text('With what.', { max: variableValueCharactersMax, absent: '', literal: true }),
  },
}

const when = variant('When the variables are set; left out: always.', kinds, (rule, place) => {
  if (rule.kind !== 'computer') return
  const { assetTags, uuids, serialNumbers, macAddresses } = rule
  if (assetTags.length + uuids.length + serialNumbers.length + macAddresses.length > 0) return
  const message = 'Give at least one asset tag, UUID, serial number or MAC address: a rule without one never holds.'
  fault(memberOf(place, 'assetTags'), 'missing', message)
})

const assignment = record(
  'A variable.',
  {
    variable: variableName('The variable to set; names that start with "_" are read-only.', 'set'),
    value: text('The value; empty deletes the variable.', {
      max: variableValueCharactersMax,
      absent: '',
      lines: 'many',
      literal: true,
    }),
    secret: flag('Do not display this value: it is masked everywhere, and left out of exports.', false),
  },
  { secretWhen: { member: 'value', flag: 'secret' } },
)

export const setDynamicVariables = defineStepType({
  type: 'set-dynamic-variables',
  title: 'Set Dynamic Variables',
  about: 'Asks the machine what it is, and sets variables by rules about that.',
  category: 'general',
  runsIn: 'both',
  xmlName: 'SetDynamicVariablesAction',
  withoutDeployment: true,
  outputs: [
    '_SMSTSMake',
    '_SMSTSModel',
    '_SMSTSMacAddresses',
    '_SMSTSIPAddresses',
    '_SMSTSSerialNumber',
    '_SMSTSAssetTag',
    '_SMSTSUUID',
    '_SMSTSDefaultGateways',
  ],
  fields: {
    rules: list(
      'In their order; a later one may ask for what an earlier one set.',
      record('A rule.', {
        when: optional(when),
        variables: list('What it sets.', assignment, { min: 1, max: variablesMax }),
      }),
      // The step without rules still gathers what the machine is.
      { min: 0, max: rulesMax, absent: [] },
    ),
  },
})

export type SetDynamicVariables = ActionOf<typeof setDynamicVariables>
export type DynamicRule = SetDynamicVariables['rules'][number]

function value(about: string): Field<string> {
  return text(about, { max: 255, literal: true })
}

function values(about: string): Field<readonly string[]> {
  return list(about, value('One of them is enough.'), { min: 0, max: valuesMax, absent: [] })
}
