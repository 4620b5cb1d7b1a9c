/**
 * Reads a query rule as an administrator types it:
 *
 *     model like "OptiPlex%" and memoryBytes >= 8 GiB and not (name like "srv-%" or architecture in ("x86", "arm64"))
 *
 * `not` binds before `and`, `and` before `or`. Words and names are case-blind. `%` in a text after `like` stands for any
 * characters, `_` for one, `[%]` and `[_]` for themselves. `is known` and `is unknown` ask whether the site knows a property at all. All faults
 * are found at once: after one, reading goes on at the next `and`, `or` or closing parenthesis.
 */

import { parseMacAddress } from '../address/mac-address.ts'
import { parseSmbiosGuid } from '../address/smbios-guid.ts'
import {
  type ComparisonOperator,
  type DeviceQuery,
  findProperty,
  operatorsOf,
  type PropertyDefinition,
  queryCharactersMax,
  queryDepthMax,
  queryListMax,
  queryOperators,
  queryProperties,
  type QueryValue,
} from './device-query.ts'
import { type QueryFault, readTokens, type Token } from './query-tokens.ts'

export type ParsedQuery =
  | { readonly kind: 'query'; readonly query: DeviceQuery }
  | { readonly kind: 'faults'; readonly faults: readonly QueryFault[] }

export function parseDeviceQuery(text: string): ParsedQuery {
  if (text.length > queryCharactersMax) {
    return { kind: 'faults', faults: [{ at: 1, message: `a query has at most ${queryCharactersMax} characters` }] }
  }
  const { tokens, faults } = readTokens(text)
  const reader = new QueryReader(tokens, [...faults])
  const query = reader.readWhole()
  const found = reader.faults.toSorted((a, b) => a.at - b.at)
  if (query !== undefined && found.length === 0) return { kind: 'query', query }
  return { kind: 'faults', faults: found }
}

/** Undefined stands for a part that has a fault. */
type Read<T> = T | undefined

interface Property {
  readonly name: string
  readonly definition: PropertyDefinition
}

class QueryReader {
  readonly faults: QueryFault[]
  readonly #tokens: readonly Token[]
  #next = 0
  #gaveUp = false

  constructor(tokens: readonly Token[], faults: QueryFault[]) {
    this.#tokens = tokens
    this.faults = faults
  }

  readWhole(): Read<DeviceQuery> {
    if (this.#peek().kind === 'end') return this.#fault(this.#peek(), 'the query is empty')
    const query = this.#readAny(0)
    while (this.#peek().kind !== 'end') {
      const what = isSign(this.#peek(), ')') ? 'no parenthesis is open' : afterCondition
      this.#fault(this.#peek(), what)
      this.#next += 1
      if (this.#peek().kind !== 'end') this.#readAny(0)
    }
    return query
  }

  #readAny(depth: number): Read<DeviceQuery> {
    return this.#readJoined('or', () => this.#readJoined('and', () => this.#readNot(depth)))
  }

  #readJoined(joint: 'and' | 'or', read: () => Read<DeviceQuery>): Read<DeviceQuery> {
    const operands = [read()]
    while (this.#takeWord(joint)) operands.push(read())
    const sound = operands.filter((operand) => operand !== undefined)
    const [first] = sound
    if (sound.length < operands.length || first === undefined) return undefined
    return sound.length === 1 ? first : { kind: joint === 'and' ? 'all' : 'any', operands: sound }
  }

  #readNot(depth: number): Read<DeviceQuery> {
    if (depth >= queryDepthMax) {
      const fault = this.#fault(
        this.#peek(),
        `conditions may stand in one another ${queryDepthMax} deep: simplify them`,
      )
      // What is deeper still is not looked at, nor what it leaves open.
      this.#gaveUp = true
      this.#next = this.#tokens.length - 1
      return fault
    }
    if (this.#takeWord('not')) {
      const operand = this.#readNot(depth + 1)
      return operand && { kind: 'not', operand }
    }
    if (!this.#takeSign('(')) return this.#readCondition()
    const open = this.#tokens[this.#next - 1] ?? this.#peek()
    const inner = this.#readAny(depth + 1)
    this.#skipToJoint(inner !== undefined)
    if (this.#takeSign(')')) return inner
    return this.#fault(open, 'this parenthesis is not closed')
  }

  #readCondition(): Read<DeviceQuery> {
    const property = this.#readProperty()
    const condition = this.#readAfterProperty(property)
    this.#skipToJoint(condition !== undefined)
    return condition
  }

  #readProperty(): Read<Property> {
    const token = this.#peek()
    if (token.kind !== 'word' || isJoint(token)) return this.#fault(token, 'a property is expected here, such as model')
    this.#next += 1
    const property = findProperty(token.text)
    if (property !== undefined) return property
    const names = [...Object.keys(queryProperties), 'variable.NAME'].join(', ')
    return this.#fault(token, `there is no property ${token.text}; there are ${names}`)
  }

  #readAfterProperty(property: Read<Property>): Read<DeviceQuery> {
    if (this.#takeWord('is')) return this.#readState(property)
    if (this.#takeWord('in')) return this.#readList(property)
    const token = this.#peek()
    const written = token.kind === 'word' || token.kind === 'sign' ? token.text.toLowerCase() : ''
    const operator = queryOperators.find((known) => known === written)
    // Whatever follows a property that is none was said already.
    if (operator === undefined)
      return property && this.#fault(token, 'an operator is expected here: =, !=, <, <=, >, >=, like, in, is')
    this.#next += 1
    if (property !== undefined && !operatorsOf[property.definition.type].includes(operator)) {
      this.#fault(token, `${property.name} cannot be compared with ${operator}`)
    }
    const value = this.#readValue(property, operator)
    if (property === undefined || value === undefined) return undefined
    return { kind: 'compare', property: property.name, operator, value }
  }

  #readState(property: Read<Property>): Read<DeviceQuery> {
    const token = this.#peek()
    const state = (['known', 'unknown'] as const).find((word) => this.#takeWord(word))
    if (state === undefined) return this.#fault(token, 'known or unknown is expected after is')
    return property && { kind: 'is', property: property.name, state }
  }

  #readList(property: Read<Property>): Read<DeviceQuery> {
    const open = this.#peek()
    if (!this.#takeSign('('))
      return this.#fault(open, 'a list in parentheses is expected after in, such as ("x64", "arm64")')
    const values: Read<QueryValue>[] = []
    do values.push(this.#readValue(property, '='))
    while (this.#takeSign(','))
    if (!this.#takeSign(')')) return this.#fault(open, 'this list is not closed')
    if (values.length > queryListMax) return this.#fault(open, `a list has at most ${queryListMax} values`)
    const sound = values.filter((value) => value !== undefined)
    if (property === undefined || sound.length < values.length) return undefined
    return { kind: 'in', property: property.name, values: sound }
  }

  #readValue(property: Read<Property>, operator: ComparisonOperator): Read<QueryValue> {
    const token = this.#peek()
    const value = valueOf(token)
    if (value === undefined) return this.#fault(token, 'a value is expected here: a "text", a number, true or false')
    this.#next += 1
    if (property === undefined) return undefined
    const judged = judgeValue(property, operator, value)
    return judged.kind === 'value' ? judged.value : this.#fault(token, judged.message)
  }

  /** To where the next condition may begin. What stands in the way is a fault unless one was found here already. */
  #skipToJoint(wasSound: boolean): void {
    let depth = 0
    if (wasSound && !isEndOfCondition(this.#peek())) this.#fault(this.#peek(), afterCondition)
    for (; this.#peek().kind !== 'end'; this.#next += 1) {
      if (depth === 0 && isEndOfCondition(this.#peek())) return
      if (isSign(this.#peek(), '(')) depth += 1
      else if (isSign(this.#peek(), ')')) depth -= 1
    }
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', at: 1 }
  }

  #takeWord(word: string): boolean {
    const token = this.#peek()
    if (token.kind !== 'word' || token.text.toLowerCase() !== word) return false
    this.#next += 1
    return true
  }

  #takeSign(sign: string): boolean {
    if (!isSign(this.#peek(), sign)) return false
    this.#next += 1
    return true
  }

  #fault({ at }: { readonly at: number }, message: string): undefined {
    if (!this.#gaveUp) this.faults.push({ at, message })
    return undefined
  }
}

const afterCondition = 'and, or, or the end is expected here'

function isJoint(token: Token): boolean {
  return token.kind === 'word' && ['and', 'or'].includes(token.text.toLowerCase())
}

function isEndOfCondition(token: Token): boolean {
  return token.kind === 'end' || isJoint(token) || isSign(token, ')')
}

function isSign(token: Token, sign: string): boolean {
  return token.kind === 'sign' && token.text === sign
}

function valueOf(token: Token): QueryValue | undefined {
  if (token.kind === 'text' || token.kind === 'number') return token.value
  if (token.kind !== 'word') return undefined
  const word = token.text.toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : undefined
}

type Judged =
  | { readonly kind: 'value'; readonly value: QueryValue }
  | { readonly kind: 'fault'; readonly message: string }

function judgeValue({ name, definition }: Property, operator: ComparisonOperator, value: QueryValue): Judged {
  const { type, choices = [] } = definition
  const expected = type === 'number' || type === 'boolean' ? type : 'string'
  if (typeof value !== expected) return fault(`${name} is compared with ${valueWords[expected]}`)
  if (typeof value !== 'string' || operator === 'like') return { kind: 'value', value }
  switch (type) {
    case 'choice': {
      const choice = choices.find((known) => known === value.toLowerCase())
      return choice === undefined ? fault(`${name} is one of ${choices.join(', ')}`) : { kind: 'value', value: choice }
    }
    case 'mac-address': {
      const address = parseMacAddress(value)
      return address === undefined ? fault(`${value} is no MAC address`) : { kind: 'value', value: address }
    }
    case 'smbios-guid': {
      const guid = parseSmbiosGuid(value)
      return guid === undefined ? fault(`${value} is no SMBIOS GUID`) : { kind: 'value', value: guid }
    }
    default:
      return { kind: 'value', value }
  }
}

const valueWords = {
  string: 'a "text" in quotation marks',
  number: 'a number, such as 4 or 8 GiB',
  boolean: 'true or false',
} as const

function fault(message: string): Judged {
  return { kind: 'fault', message }
}
