/** An XML document as a tree, without what a task sequence never needs: no namespaces, no mixed content. */

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** Of an element without children, white space included; otherwise empty. */
  readonly text: string
}

export interface ElementParts {
  readonly attributes?: Readonly<Record<string, string>>
  readonly children?: readonly XmlElement[]
  readonly text?: string
}

export function xmlElement(name: string, { attributes = {}, children = [], text = '' }: ElementParts = {}): XmlElement {
  return { name, attributes, children, text }
}

/** Own members only, so that an attribute `constructor` is an attribute and nothing else. */
export function attributeOf({ attributes }: XmlElement, name: string): string {
  return (Object.hasOwn(attributes, name) ? attributes[name] : undefined) ?? ''
}

export function childrenNamed({ children }: XmlElement, name: string): readonly XmlElement[] {
  return children.filter((child) => child.name === name)
}
