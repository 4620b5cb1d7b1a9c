/**
 * Conditions out of the XML of the source system, as a document that parse-condition.ts judges. `and`, `or` and `not` are
 * our `all`, `any` and `none`; a list of systems carries the WMI queries that it stands for.
 */

import { languageOfQuery } from './language-query.ts'
import { timeFromCim } from './cim-time.ts'
import { attributeOf, childrenNamed, type XmlElement } from './element.ts'
import { neverBecause } from './never.ts'

type Document = Readonly<Record<string, unknown>>
type Note = (message: string) => void

/** Undefined: there is none, or an empty one, which always holds. */
export function readCondition(element: XmlElement, note: Note): Document | undefined {
  const [condition] = childrenNamed(element, 'condition')
  if (condition === undefined) return undefined
  const [first, ...others] = condition.children
  if (first === undefined) return undefined
  return others.length === 0 ? readOperand(first, note) : { kind: 'all', conditions: readAll(condition, note) }
}

const kinds: Readonly<Record<string, string>> = { and: 'all', or: 'any', not: 'none' }

function readAll({ children }: XmlElement, note: Note): readonly Document[] {
  return children.map((child) => readOperand(child, note))
}

function readOperand(element: XmlElement, note: Note): Document {
  switch (element.name) {
    case 'expression':
      return readExpression(element, note)
    case 'operator':
    case 'osConditionGroup':
      return readOperator(element, note)
    case 'osExpressionGroup':
      return readSystem(element, note)
    default:
      return unknown(`the element ${element.name.slice(0, 60)}`, note)
  }
}

function readOperator(element: XmlElement, note: Note): Document {
  const type = attributeOf(element, 'type').toLowerCase()
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
  if (kind === undefined) return unknown(`the operator ${type.slice(0, 60)}`, note)
  if (element.children.length === 0) return unknown(`an operator ${type} about nothing`, note)
  return { kind, conditions: readAll(element, note) }
}

/** The queries are what decides; the name is for people. */
function readSystem(element: XmlElement, note: Note): Document {
  const name = attributeOf(element, 'Name') || attributeOf(element, 'name')
  const [first, ...others] = element.children
  if (first === undefined)
    return unknown(`the system ${name.slice(0, 100)}, without the query that it stands for`, note)
  return others.length === 0 ? readOperand(first, note) : { kind: 'all', conditions: readAll(element, note) }
}

function readExpression(element: XmlElement, note: Note): Document {
  const type = attributeOf(element, 'type')
  const values = new Map(
    childrenNamed(element, 'variable').map((one) => [attributeOf(one, 'name').toLowerCase(), one.text]),
  )
  const value = (name: string): string => values.get(name.toLowerCase()) ?? ''
  const read = Object.hasOwn(expressions, type) ? expressions[type] : undefined
  return read?.(value, note) ?? unknown(type === '' ? 'an expression without a type' : type.slice(0, 100), note)
}

type Value = (name: string) => string

const expressions: Readonly<Record<string, (value: Value, note: Note) => Document | undefined>> = {
  SMS_TaskSequence_VariableConditionExpression: (value) => {
    const operator = operatorOf(value('Operator'))
    if (operator === undefined) return undefined
    const rest = operator.endsWith('exists') ? {} : { value: value('Value') }
    return { kind: 'variable', variable: value('Variable'), operator, ...rest }
  },
  SMS_TaskSequence_WMIConditionExpression: (value) => {
    const query = value('Query')
    const language = languageOfQuery(query)
    if (language !== undefined) return { kind: 'os-language', language }
    const namespace = value('Namespace')
    return { kind: 'wmi', ...(namespace === '' ? {} : { namespace }), query }
  },
  SMS_TaskSequence_FileConditionExpression: (value, note) => {
    const version = value('Version')
    const operator = operatorOf(value('VersionOperator'))
    const comparison = version === '' ? {} : { version: { operator: operator ?? 'equals', value: version } }
    return { kind: 'file', path: value('Path'), ...comparison, ...modified(value, note) }
  },
  SMS_TaskSequence_FolderConditionExpression: (value, note) => ({
    kind: 'folder',
    path: value('Path'),
    ...modified(value, note),
  }),
  SMS_TaskSequence_RegistryConditionExpression: (value) => {
    const operator = operatorOf(value('Operator'))
    if (operator === undefined) return undefined
    const type = value('Type')
    return {
      kind: 'registry',
      key: value('KeyPath'),
      valueName: value('Value'),
      operator,
      ...(type === '' ? {} : { type: type.toUpperCase() }),
      data: value('Data'),
    }
  },
  // A family of products is known by its upgrade code, one version by its product code.
  SMS_TaskSequence_SoftwareConditionExpression: (value) => {
    const any = value('Operator').toLowerCase() === 'anyversion'
    const code = any ? value('UpgradeCode') : value('ProductCode')
    return code === '' ? undefined : { kind: 'software', [any ? 'upgradeCode' : 'productCode']: code }
  },
}

function modified(value: Value, note: Note): Document {
  const text = value('DateTime')
  if (text === '') return {}
  const at = timeFromCim(text)
  if (at !== undefined) return { modified: { operator: operatorOf(value('DateTimeOperator')) ?? 'equals', at } }
  note(`the time ${text.slice(0, 40)} is not understood, so the condition no longer asks for it`)
  return {}
}

/** `notExists` is our `not-exists`. */
function operatorOf(text: string): string | undefined {
  const word = text
    .trim()
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase()
  return /^(?:not-)?(?:exists|equals|like)$|^(?:less|greater)(?:-equal)?$/.test(word) ? word : undefined
}

function unknown(what: string, note: Note): Document {
  note(`${what} has no counterpart; a condition that never holds stands in its place`)
  return { ...neverBecause(`no counterpart: ${what}`) }
}
