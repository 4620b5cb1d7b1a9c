/**
 * XML as a tree, as far as answer files need it (XML 1.0): elements with attributes, texts, and whatever stands between
 * them as it is. Document types and their entities are refused. Printing gives an equal document back.
 */

export interface XmlElement {
  readonly kind: 'element'
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlNode[]
}

export type XmlNode =
  | XmlElement
  | { readonly kind: 'text'; readonly text: string }
  /** A comment, an instruction or a CDATA section, with its marks. */
  | { readonly kind: 'raw'; readonly text: string }

export class XmlFault extends Error {
  override readonly name = 'XmlFault'
}

/** An answer file has a handful of levels. */
const depthMax = 64

const token =
  /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[[^]*?\]\]>|<!DOCTYPE|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/g

interface Open {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlNode[]
}

/** The element that holds all others. What stands before and after it is dropped. */
export function parseXml(text: string): XmlElement {
  const root: Open = { name: '', attributes: {}, children: [] }
  const open: Open[] = [root]
  let end = 0
  for (const match of text.replace(/^\uFEFF/, '').matchAll(token)) {
    if (match.index !== end) throw new XmlFault(`the text at ${end} is no XML`)
    const [whole, closed, opened, attributes = '', empty] = match
    end = match.index + whole.length
    const [current = root] = open.slice(-1)
    if (whole === '<!DOCTYPE') throw new XmlFault('document types are not read')
    if (closed !== undefined) {
      if (open.length === 1 || current.name !== closed) throw new XmlFault(`</${closed}> closes nothing`)
      open.pop()
    } else if (opened !== undefined) {
      const element: Open = { name: opened, attributes: parseAttributes(attributes), children: [] }
      current.children.push({ kind: 'element', ...element })
      if (empty !== '/') open.push(element)
      if (open.length > depthMax) throw new XmlFault('the elements are nested too deep')
    } else if (whole.startsWith('<')) current.children.push({ kind: 'raw', text: whole })
    else current.children.push({ kind: 'text', text: unescapeXml(whole) })
  }
  if (open.length > 1) throw new XmlFault(`<${open.at(-1)?.name ?? ''}> is not closed`)
  const elements = root.children.filter((child) => child.kind === 'element')
  const [document] = elements
  if (document === undefined || elements.length > 1) throw new XmlFault('the document has not one element')
  return document
}

export function printXml(document: XmlElement): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${printNode(document, '')}\n`
}

/** The text of an element, without its elements. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (child.kind === 'text' ? child.text : '')).join('')
}

/** A percent sign too: the names of variables stand between two of them in answer files. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[<>&"'%]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** An element that holds elements has them one a line; blanks between them mean nothing in an answer file. */
function printNode(node: XmlNode, indent: string): string {
  if (node.kind === 'text') return escapeXml(node.text)
  if (node.kind === 'raw') return node.text
  const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
  const start = `<${node.name}${attributes.join('')}`
  if (node.children.length === 0) return `${start} />`
  const isLeaf = node.children.every(({ kind }) => kind !== 'element')
  if (isLeaf) return `${start}>${node.children.map((child) => printNode(child, '')).join('')}</${node.name}>`
  const inner = node.children
    .filter((child) => child.kind !== 'text' || child.text.trim() !== '')
    .map((child) => `${indent}  ${printNode(child, `${indent}  `)}`)
  return [`${start}>`, ...inner, `${indent}</${node.name}>`].join('\n')
}

function parseAttributes(text: string): Readonly<Record<string, string>> {
  const pairs = text.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)
  return Object.fromEntries(
    [...pairs].map(([, name = '', double, single]) => [name, unescapeXml(double ?? single ?? '')]),
  )
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function unescapeXml(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (typeof name === 'string') {
      const known = entities[name]
      if (known === undefined) throw new XmlFault(`${whole} is not known`)
      return known
    }
    const code = Number.parseInt(String(hex ?? decimal), hex === undefined ? 10 : 16)
    if (code > 0x10ffff) throw new XmlFault(`${whole} is no character`)
    return String.fromCodePoint(code)
  })
}
