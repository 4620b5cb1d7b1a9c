/** Conditions as the XML of the source system says them. What it cannot ask becomes a condition that never holds. */

import type { Condition, MachineCondition, TimeComparison, VariableCondition } from '../condition.ts'
import { timeToCim } from './cim-time.ts'
import { type XmlElement, xmlElement } from './element.ts'
import { languageQuery } from './language-query.ts'
import { neverBecause } from './never.ts'

export function printCondition(condition: Condition): XmlElement {
  return xmlElement('condition', { children: [printOperand(condition)] })
}

const operators = { all: 'and', any: 'or', none: 'not' } as const

function printOperand(condition: Condition): XmlElement {
  switch (condition.kind) {
    case 'all':
    case 'any':
    case 'none':
      return xmlElement('operator', {
        attributes: { type: operators[condition.kind] },
        children: condition.conditions.map((one) => printOperand(one)),
      })
    case 'variable':
      return printVariable(condition)
    default:
      return printMachineCondition(condition)
  }
}

function printVariable({ variable, operator, value }: VariableCondition): XmlElement {
  const said = { Variable: variable, Operator: wordOf(operator) }
  return expression('Variable', operator.endsWith('exists') ? said : { ...said, Value: value })
}

function printMachineCondition(condition: MachineCondition): XmlElement {
  switch (condition.kind) {
    case 'wmi':
      return expression('WMI', { Namespace: condition.namespace, Query: condition.query })
    case 'os-language': {
      const query = languageQuery(condition.language)
      if (query === undefined) return never(`the language ${condition.language}`)
      return expression('WMI', { Namespace: 'root\\cimv2', Query: query })
    }
    case 'file': {
      const { path, version } = condition
      const compared =
        version === undefined ? {} : { VersionOperator: wordOf(version.operator), Version: version.value }
      return expression('File', { Path: path, ...compared, ...printTime(condition.modified) })
    }
    case 'folder':
      return expression('Folder', { Path: condition.path, ...printTime(condition.modified) })
    case 'registry': {
      const { key, valueName, operator, type, data } = condition
      const said = { KeyPath: key, Value: valueName, Operator: wordOf(operator), Data: data }
      return expression('Registry', type === undefined ? said : { ...said, Type: type })
    }
    case 'software': {
      if ('package' in condition) return never(`the package ${condition.package}`)
      const { productCode, upgradeCode } = condition
      // One expression asks for one code.
      if (productCode !== undefined)
        return expression('Software', { Operator: 'ThisVersion', ProductCode: productCode })
      return expression('Software', { Operator: 'AnyVersion', UpgradeCode: upgradeCode ?? '' })
    }
    case 'os-version':
      return never(`the system ${condition.system}`)
    default:
      return condition satisfies never
  }
}

function printTime(modified: TimeComparison | undefined): Readonly<Record<string, string>> {
  if (modified === undefined) return {}
  return { DateTimeOperator: wordOf(modified.operator), DateTime: timeToCim(modified.at) }
}

function never(what: string): XmlElement {
  return printVariable(neverBecause(`no counterpart: ${what}`))
}

function expression(kind: string, values: Readonly<Record<string, string>>): XmlElement {
  return xmlElement('expression', {
    attributes: { type: `SMS_TaskSequence_${kind}ConditionExpression` },
    children: Object.entries(values).map(([name, text]) => xmlElement('variable', { attributes: { name }, text })),
  })
}

/** `not-exists` is `notExists` there. */
function wordOf(operator: string): string {
  return operator.replaceAll(/-[a-z]/g, (part) => part.slice(1).toUpperCase())
}
