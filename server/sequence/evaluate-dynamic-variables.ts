/**
 * What a Set Dynamic Variables step comes to on a machine (S2-021 to S2-023): the facts as variables, then those of the
 * rules that hold, in their order. Pure, so that a dry run gives the same answer as the machine. Serial numbers and asset
 * tags are compared case-blind; MAC addresses and UUIDs by their digits, whatever stands between them.
 */

import {
  type Environment,
  assignVariables,
  emptyEnvironment,
  openEnvironment,
  type OpenEnvironment,
  type Variable,
} from './environment.ts'
import { evaluateVariable } from './evaluate-condition.ts'
import { matchesWildcards } from './match-wildcards.ts'
import type { DynamicRule, SetDynamicVariables } from './step-types/set-dynamic-variables.ts'
import { mentionsSecret, substitute } from './substitute.ts'

/** What a machine does not tell is the empty text. */
export interface MachineFacts {
  readonly make: string
  readonly model: string
  readonly serialNumber: string
  readonly assetTag: string
  readonly uuid: string
  readonly macAddresses: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly defaultGateways: readonly string[]
}

export interface DynamicVariables {
  /** In the order in which they are set; a name may come twice. */
  readonly variables: readonly Variable[]
  /** For each rule, whether it held. */
  readonly held: readonly boolean[]
}

export function evaluateDynamicVariables(
  action: SetDynamicVariables,
  facts: MachineFacts,
  environment: Environment = emptyEnvironment,
): DynamicVariables {
  const open = openEnvironment(environment)
  const variables: Variable[] = []
  const set = (assigned: readonly Variable[]): void => {
    variables.push(...assigned)
    // What is refused here is refused by the engine too, which says so.
    assignVariables(open, assigned, 'product')
  }
  set(variablesOfFacts(facts))
  const held = action.rules.map(({ when, variables: assignments }) => {
    if (when !== undefined && !holds(when, facts, open)) return false
    for (const { variable, value, secret } of assignments) {
      const isSecret = secret || mentionsSecret(value, open)
      set([{ name: variable, value: substitute(value, open), secret: isSecret }])
    }
    return true
  })
  return { variables, held }
}

/** S2-021. What is not known is deleted: it may stem from another machine whose image this is. */
function variablesOfFacts(facts: MachineFacts): readonly Variable[] {
  const values: Readonly<Record<string, string>> = {
    _SMSTSMake: facts.make,
    _SMSTSModel: facts.model,
    _SMSTSSerialNumber: facts.serialNumber,
    _SMSTSAssetTag: facts.assetTag,
    _SMSTSUUID: facts.uuid,
    _SMSTSMacAddresses: facts.macAddresses.join(','),
    _SMSTSIPAddresses: facts.ipAddresses.join(','),
    _SMSTSDefaultGateways: facts.defaultGateways.join(','),
  }
  return Object.entries(values).map(([name, value]) => ({ name, value, secret: false }))
}

function holds(rule: NonNullable<DynamicRule['when']>, facts: MachineFacts, environment: OpenEnvironment): boolean {
  const fill = (text: string): string => substitute(text, environment)
  switch (rule.kind) {
    case 'computer':
      return (
        rule.assetTags.some((tag) => isSame(fill(tag), facts.assetTag)) ||
        rule.serialNumbers.some((number) => isSame(fill(number), facts.serialNumber)) ||
        rule.uuids.some((uuid) => isSame(digitsOf(fill(uuid)), digitsOf(facts.uuid))) ||
        rule.macAddresses.some((mac) => facts.macAddresses.some((own) => isSame(digitsOf(fill(mac)), digitsOf(own))))
      )
    case 'location':
      return rule.defaultGateways.some((gateway) => facts.defaultGateways.some((own) => isSame(fill(gateway), own)))
    case 'make-and-model':
      return matchesWildcards(facts.make, fill(rule.make)) && matchesWildcards(facts.model, fill(rule.model))
    case 'variable':
      return evaluateVariable(rule, environment)
    default:
      return rule satisfies never
  }
}

/** What the machine does not tell is the same as nothing. */
function isSame(wanted: string, actual: string): boolean {
  return actual !== '' && wanted.trim().toLowerCase() === actual.toLowerCase()
}

function digitsOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^0-9a-f]/g, '')
}
