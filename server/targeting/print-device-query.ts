/** A query as text that reads back as the same query. */

import type { DeviceQuery, QueryValue } from './device-query.ts'

export function printDeviceQuery(query: DeviceQuery): string {
  switch (query.kind) {
    case 'all':
      return query.operands.map((operand) => printOperand(operand, ['all', 'any'])).join(' and ')
    case 'any':
      return query.operands.map((operand) => printOperand(operand, ['any'])).join(' or ')
    case 'not':
      return `not ${printOperand(query.operand, ['all', 'any'])}`
    case 'compare':
      return `${query.property} ${query.operator} ${printValue(query.value)}`
    case 'in':
      return `${query.property} in (${query.values.map(printValue).join(', ')})`
    case 'is':
      return `${query.property} is ${query.state}`
    default:
      return query satisfies never
  }
}

function printOperand(operand: DeviceQuery, wrapped: readonly DeviceQuery['kind'][]): string {
  const text = printDeviceQuery(operand)
  return wrapped.includes(operand.kind) ? `(${text})` : text
}

function printValue(value: QueryValue): string {
  if (typeof value === 'string') return `"${value.replaceAll(/["\\]/g, '\\$&')}"`
  if (typeof value === 'boolean') return String(value)
  const [unit, size] = units.find(([, bytes]) => value > 0 && value % bytes === 0) ?? ['', 1]
  return `${value / size}${unit}`
}

const units = [
  [' TiB', 1_024 ** 4],
  [' GiB', 1_024 ** 3],
  [' MiB', 1_024 ** 2],
] as const
