/**
 * The few WMI queries that have a meaning on Linux: those that task sequences ask to tell machines apart by their
 * hardware, such as `SELECT * FROM Win32_ComputerSystem WHERE Model LIKE "%Latitude%"`. Of WQL it reads `SELECT … FROM
 * class`, and a `WHERE` of comparisons joined by `AND` or by `OR`. Everything else is unavailable and says so.
 */

import type { Hardware } from '../server/contract/agent.ts'
import { compareValues } from '../server/sequence/compare-values.ts'
import type { MachineAnswer } from '../server/sequence/inspection.ts'
import { matchesWildcards } from '../server/sequence/match-wildcards.ts'

type Properties = Readonly<Record<string, string>>

const classes: Readonly<Record<string, (hardware: Hardware) => Properties>> = {
  win32_computersystem: ({ manufacturer, model, memoryBytes }) => ({
    manufacturer: manufacturer ?? '',
    model: model ?? '',
    totalphysicalmemory: String(memoryBytes),
  }),
  win32_computersystemproduct: ({ manufacturer, model, serialNumber, smbiosGuid }) => ({
    vendor: manufacturer ?? '',
    name: model ?? '',
    identifyingnumber: serialNumber ?? '',
    uuid: smbiosGuid ?? '',
  }),
  win32_bios: ({ serialNumber }) => ({ serialnumber: serialNumber ?? '' }),
}

export function answerWmiQuery(
  { namespace, query }: { readonly namespace: string; readonly query: string },
  hardware: Hardware,
): MachineAnswer {
  const [, className = '', where] = /^\s*select\s.+?\sfrom\s+(\w+)(?:\s+where\s+(.+?))?\s*;?\s*$/is.exec(query) ?? []
  const read = Object.hasOwn(classes, className.toLowerCase()) ? classes[className.toLowerCase()] : undefined
  if (read === undefined || !/^(?:\\\\\.\\)?root\\cimv2$/i.test(namespace)) {
    return unavailable('there is no WMI on Linux, and this query is none of those about hardware that are understood')
  }
  const holds = where === undefined ? true : evaluate(where, read(hardware))
  if (holds === undefined) {
    return unavailable(
      'there is no WMI on Linux, and of this query only comparisons of known properties are understood',
    )
  }
  return { kind: 'wmi', rows: holds ? 1 : 0 }
}

/** One comparison, and the word that joins it to the next. */
const comparison = /^\s*(\w+)\s*(=|<>|!=|<=|>=|<|>|like\b)\s*(?:"([^"]*)"|'([^']*)'|([0-9]+))\s*(?:(and|or)\b|$)/i

/** Undefined when it is not understood. `AND` and `OR` together would need the order of precedence, which people get wrong. */
function evaluate(where: string, properties: Properties): boolean | undefined {
  const verdicts: boolean[] = []
  const words = new Set<string>()
  for (let rest = where; rest !== ''; ) {
    const match = comparison.exec(rest)
    if (match === null) return undefined
    const [whole, name = '', operator = '', double, single, number] = match
    const key = name.toLowerCase()
    const actual = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (actual === undefined) return undefined
    verdicts.push(compare(actual, operator.toLowerCase(), double ?? single ?? number ?? ''))
    if (match[6] !== undefined) words.add(match[6].toLowerCase())
    rest = rest.slice(whole.length)
    if (rest.trim() === '' && match[6] !== undefined) return undefined
  }
  if (words.size > 1) return undefined
  return words.has('or') ? verdicts.includes(true) : !verdicts.includes(false)
}

function compare(actual: string, operator: string, wanted: string): boolean {
  if (operator === 'like') return isLike(actual.toLowerCase(), wanted.toLowerCase())
  const order = compareValues(actual, wanted)
  switch (operator) {
    case '=':
      return order === 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    default:
      return order !== 0
  }
}

/** `%` is any text, `_` one sign; `[…]` is not understood and stands for itself. */
function isLike(text: string, pattern: string): boolean {
  return matchesWildcards(text, pattern.replaceAll(/[*?]/g, '_').replaceAll('%', '*').replaceAll('_', '?'))
}

function unavailable(reason: string): MachineAnswer {
  return { kind: 'unavailable', reason }
}
