/**
 * XML text of unknown origin as a tree (security E07). There are no document types, so no entities but the five of XML itself,
 * and nothing is ever fetched. Octets, depth, elements and attributes are bounded. UTF-8, or UTF-16 with a byte order mark,
 * as the tools of the source system write it.
 */

import { SaxesParser } from 'saxes'
import { type XmlElement, xmlElement } from '../sequence/xml/element.ts'
import { Problem } from './problem.ts'

export const xmlBytesMax = 16 * 1024 * 1024
/** 64 groups in one another, a step, and 16 conditions in one another with what is around them. */
const depthMax = 200
const elementsMax = 1_000_000
const attributesMax = 32

interface Open {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  readonly texts: string[]
}

export function parseXml(octets: Uint8Array): XmlElement {
  if (octets.length > xmlBytesMax) throw new Problem(413, { detail: `XML may have ${xmlBytesMax} octets.` })
  const parser = new SaxesParser({ position: true })
  const open: Open[] = []
  let root: XmlElement | undefined
  let elements = 0
  const refuse = (detail: string): never => {
    throw notXml(`${detail} (line ${parser.line}, column ${parser.columnIndex + 1})`)
  }
  parser.on('doctype', () => refuse('A document type is not read: remove <!DOCTYPE …>.'))
  parser.on('error', (error) => refuse(`It is not well-formed: ${error.message.replace(/^\d+:\d+: /, '')}`))
  parser.on('opentag', ({ name, attributes }) => {
    elements += 1
    if (open.length >= depthMax) refuse(`It may be ${depthMax} levels deep.`)
    if (elements > elementsMax) refuse(`It may have ${elementsMax} elements.`)
    const pairs = Object.entries(attributes)
    if (pairs.length > attributesMax) refuse(`An element may have ${attributesMax} attributes.`)
    open.push({ name, attributes: Object.fromEntries(pairs), children: [], texts: [] })
  })
  const take = (text: string): void => void open.at(-1)?.texts.push(text)
  parser.on('text', take)
  parser.on('cdata', take)
  parser.on('closetag', () => {
    const closed = open.pop()
    if (closed === undefined) return
    const { name, attributes, children, texts } = closed
    const element = xmlElement(name, { attributes, children, text: children.length === 0 ? texts.join('') : '' })
    const parent = open.at(-1)
    if (parent === undefined) root = element
    else parent.children.push(element)
  })
  parser.write(decode(octets)).close()
  if (root === undefined) throw notXml('It holds no element.')
  return root
}

function decode(octets: Uint8Array): string {
  const [first, second] = octets
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(octets)
  } catch {
    throw notXml(`It is no ${encoding.toUpperCase()} text. UTF-16 needs a byte order mark.`)
  }
}

function notXml(detail: string): Problem {
  return new Problem(400, { detail: `This XML is not read. ${detail}`, code: 'not-xml' })
}
