/**
 * What a step says in an answer file of Windows (Unattended Windows Setup Reference), and an answer file with it: settings
 * of the same name are replaced, everything else of a file that was there stays (S2-053). Pure.
 */

import type { BootArchitecture } from '../server/site/boot-image.ts'
import { parseXml, printXml, textOf, type XmlElement, type XmlNode } from './xml-tree.ts'

export interface Answers {
  readonly pass: 'windowsPE' | 'offlineServicing' | 'specialize' | 'oobeSystem'
  /** Such as `Microsoft-Windows-Shell-Setup`. */
  readonly component: string
  readonly settings: AnswerTree
  /** Elements that are not merged with those of the same name but take their place. */
  readonly replaced?: readonly string[]
}

/**
 * Of a list, texts get a key and records are added one by one, in place of those that were there; where a record has a
 * Description, only in place of those with the same. Empty texts are left out.
 */
export interface AnswerTree {
  readonly [element: string]: string | AnswerTree | readonly (string | AnswerTree)[]
}

const namespaces = {
  xmlns: 'urn:schemas-microsoft-com:unattend',
  'xmlns:wcm': 'http://schemas.microsoft.com/WMIConfig/2002/State',
}

const processors = {
  x86: 'x86',
  x64: 'amd64',
  arm64: 'arm64',
} as const satisfies Partial<Record<BootArchitecture, string>>

/** `text` is the answer file there is, or nothing. */
export function withAnswers(text: string, answers: readonly Answers[], architecture: BootArchitecture): string {
  const empty: XmlElement = { kind: 'element', name: 'unattend', attributes: namespaces, children: [] }
  let document = text.trim() === '' ? empty : parseXml(text)
  document = { ...document, attributes: { ...namespaces, ...document.attributes } }
  for (const { pass, component, settings, replaced = [] } of answers) {
    const processor = processors[architecture]
    document = changeChild(document, element('settings', { pass }), (settingsOfPass) =>
      changeChild(settingsOfPass, componentElement(component, processor), (found) =>
        mergeTree(without(found, replaced), settings),
      ),
    )
  }
  return printXml(document)
}

function element(name: string, attributes: Readonly<Record<string, string>>): XmlElement {
  return { kind: 'element', name, attributes, children: [] }
}

function componentElement(name: string, processorArchitecture: string): XmlElement {
  return element('component', {
    name,
    processorArchitecture,
    publicKeyToken: '31bf3856ad364e35',
    language: 'neutral',
    versionScope: 'nonSxS',
  })
}

/** The child that is of this kind, or this one anew. */
function changeChild(parent: XmlElement, wanted: XmlElement, change: (child: XmlElement) => XmlElement): XmlElement {
  const index = parent.children.findIndex((child) => isSame(child, wanted))
  const found = parent.children[index]
  if (found?.kind !== 'element') return { ...parent, children: [...parent.children, change(wanted)] }
  return { ...parent, children: parent.children.with(index, change(found)) }
}

function isSame(node: XmlNode, { name, attributes }: XmlElement): boolean {
  if (node.kind !== 'element' || node.name !== name) return false
  const keys = ['pass', 'name', 'processorArchitecture']
  return keys.every((key) => attributes[key] === undefined || node.attributes[key] === attributes[key])
}

function without(parent: XmlElement, names: readonly string[]): XmlElement {
  const children = parent.children.filter((child) => child.kind !== 'element' || !names.includes(child.name))
  return { ...parent, children }
}

function mergeTree(parent: XmlElement, tree: AnswerTree): XmlElement {
  let merged = parent
  for (const [name, value] of Object.entries(tree)) {
    if (value === '') continue
    if (typeof value === 'string') {
      merged = changeChild(merged, element(name, {}), (child) => ({ ...child, children: [text(value)] }))
    } else if (isList(value)) {
      const others = merged.children.filter(
        (child) => child.kind !== 'element' || child.name !== name || !isReplaced(child, value),
      )
      merged = { ...merged, children: [...others, ...value.map((item, index) => listItem(name, item, index))] }
    } else merged = changeChild(merged, element(name, {}), (child) => mergeTree(child, value))
  }
  return merged
}

function isReplaced(old: XmlElement, items: readonly (string | AnswerTree)[]): boolean {
  const descriptions = items.map((item) => (typeof item === 'string' ? undefined : item['Description']))
  if (descriptions.every((description) => description === undefined)) return true
  return old.children.some(
    (child) => child.kind === 'element' && child.name === 'Description' && descriptions.includes(textOf(child)),
  )
}

function listItem(name: string, item: string | AnswerTree, index: number): XmlElement {
  const add = { 'wcm:action': 'add' }
  if (typeof item === 'string') {
    return { ...element(name, { ...add, 'wcm:keyValue': String(index + 1) }), children: [text(item)] }
  }
  return mergeTree(element(name, add), item)
}

function text(value: string): XmlNode {
  return { kind: 'text', text: value }
}

function isList(value: AnswerTree | readonly (string | AnswerTree)[]): value is readonly (string | AnswerTree)[] {
  return Array.isArray(value)
}
