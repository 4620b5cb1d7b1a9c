/**
 * The variables of a step, which say its properties: `<variable name="SMSRebootTarget" property="Target">HD</variable>`.
 * Older programs leave `property` out, so each is found by both names, in any case. Who asked for what is remembered:
 * what nobody asked for has no counterpart here.
 */

import { attributeOf, childrenNamed, type XmlElement } from './element.ts'

export interface Property {
  readonly property: string
  readonly variable: string
  readonly text: string
  /** The source system does not show it, which it says of secrets and of some ids. */
  readonly hidden: boolean
}

export interface Properties {
  find(...names: readonly string[]): Property | undefined
  /** Without asking for it. */
  peek(...names: readonly string[]): Property | undefined
  /** Its text; empty when it is not there. */
  text(...names: readonly string[]): string
  /** Those that say something and that nobody asked for. */
  left(): readonly Property[]
}

export function readProperties(element: XmlElement): Properties {
  const all = childrenNamed(element, 'defaultVarList')
    .flatMap((list) => childrenNamed(list, 'variable'))
    .map((variable): Property => {
      const name = attributeOf(variable, 'name')
      const property = attributeOf(variable, 'property')
      return {
        property: property === '' ? name : property,
        variable: name,
        text: variable.text,
        hidden: attributeOf(variable, 'hidden').toLowerCase() === 'true',
      }
    })
  const named = new Map<string, Property>()
  // By property first: the variable of one may be named as the property of another.
  for (const one of all) if (!named.has(one.property.toLowerCase())) named.set(one.property.toLowerCase(), one)
  for (const one of all) if (!named.has(one.variable.toLowerCase())) named.set(one.variable.toLowerCase(), one)
  const asked = new Set<Property>()
  const peek = (...names: readonly string[]): Property | undefined =>
    names.map((name) => named.get(name.toLowerCase())).find((one) => one !== undefined)
  const find = (...names: readonly string[]): Property | undefined => {
    const found = peek(...names)
    if (found !== undefined) asked.add(found)
    return found
  }
  return {
    find,
    peek,
    text: (...names) => find(...names)?.text ?? '',
    left: () => all.filter((one) => !asked.has(one) && one.text.trim() !== ''),
  }
}
