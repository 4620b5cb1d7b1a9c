/**
 * A tree as the text of an XML 1.0 document. What the reader of another program would change on the way is written as a
 * character reference: line ends other than a line feed, and white space in attributes (XML 1.0 sections 2.11 and 3.3.3).
 */

import type { XmlElement } from './element.ts'

/** The comment stands before the root; it may hold anything. */
export function printXml(root: XmlElement, comment?: string): string {
  const lines = ['<?xml version="1.0" encoding="utf-8"?>']
  // XML 1.0 section 2.5: two hyphens would end a comment.
  if (comment !== undefined) lines.push(`<!--\n${sayable(comment).replaceAll(/-(?=-)/g, '- ')}\n-->`)
  printElement(root, '', lines)
  return `${lines.join('\n')}\n`
}

function printElement(element: XmlElement, indent: string, lines: string[]): void {
  const attributes = Object.entries(element.attributes).map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`)
  const start = `${indent}<${element.name}${attributes.join('')}`
  if (element.children.length > 0) {
    lines.push(`${start}>`)
    for (const child of element.children) printElement(child, `${indent}  `, lines)
    lines.push(`${indent}</${element.name}>`)
  } else if (element.text === '') lines.push(`${start} />`)
  else lines.push(`${start}>${escapeText(element.text)}</${element.name}>`)
}

function escapeText(text: string): string {
  return sayable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
}

/** XML 1.0 section 2.2: these have no place in a document, not even as references. */
function sayable(text: string): string {
  return text.toWellFormed().replaceAll(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}
