/**
 * A task sequence of the source system (`<sequence version="3.00">`) as a document of ours. The form is not published as
 * such; the classes of the SDK name the properties, and sequences that people published show the frame. Everything that has
 * no counterpart is in the notes, never dropped in silence.
 */

import { findReferences } from '../mentions.ts'
import { parseVariableName } from '../parse-variable-name.ts'
import { type Fault, parseSequence, sequenceNameCharactersMax, descriptionCharactersMax } from '../parse-sequence.ts'
import type { Findings } from '../read-document.ts'
import { printNodePath } from '../print-path.ts'
import type { NodePath, TaskSequence } from '../task-sequence.ts'
import { attributeOf, childrenNamed, type XmlElement } from './element.ts'
import type { Note, TypeAgain } from './note.ts'
import { cut, plain, readSettings, readStep } from './read-step.ts'

export type ReadSequence =
  | {
      readonly kind: 'read'
      readonly sequence: TaskSequence
      readonly notes: readonly Note[]
      readonly typeAgain: readonly TypeAgain[]
    }
  | { readonly kind: 'invalid'; readonly faults: readonly Pick<Fault, 'path' | 'message'>[] }

/** The XML of the source system does not say the name of the sequence; that of a related program does. */
export function readSequence(root: XmlElement, name?: string): ReadSequence {
  if (root.name !== 'sequence') {
    const message = `Expected is <sequence>, the task sequence XML of the source system; the file begins with <${root.name.slice(0, 60)}>.`
    return { kind: 'invalid', faults: [{ path: '', message }] }
  }
  const version = attributeOf(root, 'version').trim()
  if (!understoodVersions.test(version)) {
    const message = `The sequence is of version ${plain(version.slice(0, 20))}; understood are 3.00 and what follows it up to 3.99.`
    return { kind: 'invalid', faults: [{ path: 'version', message }] }
  }
  const reading: Reading = { notes: [], typeAgain: [] }
  const globals = readGlobals(root, reading)
  const children = [...globals, ...readNodes(root, { path: [], first: globals.length }, reading)]
  const title = plain(name ?? attributeOf(root, 'name')).trim()
  const parsed = parseSequence({
    name: cut(title, sequenceNameCharactersMax).trim() || 'Imported task sequence',
    description: cut(plain(attributeOf(root, 'description')), descriptionCharactersMax),
    children,
  })
  if (parsed.kind === 'invalid') return { kind: 'invalid', faults: parsed.faults }
  if (title.length > sequenceNameCharactersMax)
    reading.notes.push({ path: 'name', message: `it is cut to ${sequenceNameCharactersMax} characters` })
  noteReferences(root, parsed.sequence, reading.notes)
  return { kind: 'read', sequence: parsed.sequence, ...reading }
}

/** S1-011: what another version means is not known. Programs that write the same form may leave it out. */
const understoodVersions = /^(?:3(?:\.[0-9]{1,2})?)?$/

interface Reading {
  readonly notes: Note[]
  readonly typeAgain: TypeAgain[]
}

interface Where {
  readonly path: NodePath
  /** The place of the first node that is read. */
  readonly first: number
}

/** Elements that say nothing of their own here, or that are read elsewhere. */
const others = new Set(['action', 'condition', 'defaultVarList', 'globalVarList', 'referenceList'])

function readNodes(parent: XmlElement, { path, first }: Where, reading: Reading): readonly unknown[] {
  const nodes: unknown[] = []
  for (const element of parent.children) {
    const at = [...path, first + nodes.length]
    if (element.name === 'group') nodes.push(readGroup(element, at, reading))
    else if (element.name === 'step' || element.name === 'subtasksequence') nodes.push(readStepAt(element, at, reading))
    else if (!others.has(element.name)) {
      const message = `the element ${element.name.slice(0, 60)} has no counterpart`
      reading.notes.push({ path: printNodePath(path), message })
    }
  }
  return nodes
}

const groupAttributes = new Set(['name', 'description', 'disable', 'continueOnError', 'expand', 'id'])

function readGroup(element: XmlElement, path: NodePath, reading: Reading): unknown {
  const notes: Note[] = []
  const settings = readSettings(element, notes)
  for (const name of Object.keys(element.attributes)) {
    if (!groupAttributes.has(name))
      notes.push({ path: '', message: `the attribute ${name.slice(0, 60)} has no counterpart` })
  }
  reading.notes.push(...notes.map((note) => below(path, note)))
  return { kind: 'group', ...settings, children: readNodes(element, { path, first: 0 }, reading) }
}

function readStepAt(element: XmlElement, path: NodePath, reading: Reading): unknown {
  const { step, notes, typeAgain } = readStep(element)
  reading.notes.push(...notes.map((note) => below(path, note)))
  reading.typeAgain.push(
    ...typeAgain.map((field) => ({ path: `${printNodePath(path)}.${field}`, stepName: step.name })),
  )
  return step
}

function below(path: NodePath, { path: field, message }: Note): Note {
  const node = printNodePath(path)
  return { path: field === '' ? node : `${node}.${field}`, message }
}

/** Variables of the whole sequence become steps at its beginning, one each. */
function readGlobals(root: XmlElement, reading: Reading): readonly unknown[] {
  const variables = childrenNamed(root, 'globalVarList').flatMap((list) => childrenNamed(list, 'variable'))
  const steps = variables.flatMap((variable): readonly unknown[] => {
    const name = attributeOf(variable, 'name')
    if (variable.text.trim() === '') return []
    const findings: Findings = { faults: [], warnings: [] }
    parseVariableName({ value: name, path: '', findings }, 'set')
    if (findings.faults.length > 0 || variable.text.length > 4_000) {
      reading.notes.push({
        path: '',
        message: `the variable ${plain(name.slice(0, 60))} of the whole sequence cannot be set here`,
      })
      return []
    }
    return [
      {
        name: cut(`Set ${name}`, 100),
        action: { type: 'set-task-sequence-variable', variable: name, value: variable.text },
      },
    ]
  })
  if (steps.length === 0) return []
  reading.notes.push({
    path: 'children[0]',
    message: 'variables of the whole sequence are set by steps at its beginning',
  })
  return [{ kind: 'group', name: 'Variables of the whole sequence', children: steps }]
}

/** What the sequence lists and no step names any more. */
function noteReferences(root: XmlElement, sequence: TaskSequence, notes: Note[]): void {
  const named = new Set<string>(findReferences(sequence).map(({ id }) => id))
  const listed = childrenNamed(root, 'referenceList').flatMap((list) => childrenNamed(list, 'reference'))
  for (const id of new Set(listed.map((reference) => attributeOf(reference, 'package')))) {
    if (id !== '' && !named.has(id)) {
      notes.push({
        path: '',
        message: `${plain(id.slice(0, 100))} is listed among the references, and no step here refers to it`,
      })
    }
  }
}
