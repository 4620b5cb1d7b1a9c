/**
 * A task sequence as the XML of the source system. Secrets are left out, not even encrypted (S11-003). What XML cannot say is
 * found by reading back what was written: each difference is a note.
 */

import { findReferences, mapActionSecrets, mentionsOf } from '../mentions.ts'
import { printNodePath } from '../print-path.ts'
import type { Group, Node, NodePath, Step, TaskSequence } from '../task-sequence.ts'
import { type XmlElement, xmlElement } from './element.ts'
import { variableNameOf } from './form.ts'
import { classOf, formOf } from './forms.ts'
import type { Note, TypeAgain } from './note.ts'
import { printCondition } from './print-condition.ts'
import { readSettings, readStep } from './read-step.ts'

export interface PrintedSequence {
  readonly root: XmlElement
  readonly notes: readonly Note[]
  readonly typeAgain: readonly TypeAgain[]
}

export function printSequence(sequence: TaskSequence): PrintedSequence {
  const printing: Printing = { notes: [], typeAgain: [] }
  const ids = new Set<string>(findReferences(sequence).map(({ id }) => id))
  const root = xmlElement('sequence', {
    attributes: { version: '3.00', name: sequence.name, description: sequence.description },
    children: [
      xmlElement('referenceList', {
        children: [...ids].map((id) => xmlElement('reference', { attributes: { package: id } })),
      }),
      ...sequence.children.map((node, index) => printNode(node, [index], printing)),
    ],
  })
  return { root, ...printing }
}

interface Printing {
  readonly notes: Note[]
  readonly typeAgain: TypeAgain[]
}

function printNode(node: Node, path: NodePath, printing: Printing): XmlElement {
  return node.kind === 'group' ? printGroup(node, path, printing) : printStepAt(node, path, printing)
}

function printGroup(group: Group, path: NodePath, printing: Printing): XmlElement {
  const element = xmlElement('group', {
    attributes: { ...settingsOf(group), expand: 'true' },
    children: [
      ...(group.condition === undefined ? [] : [printCondition(group.condition)]),
      ...group.children.map((child, index) => printNode(child, [...path, index], printing)),
    ],
  })
  noteCondition(group, element, { path, printing })
  return element
}

function settingsOf({ name, description, disabled, continueOnError }: Node): Readonly<Record<string, string>> {
  return { name, description, disable: String(disabled), continueOnError: String(continueOnError) }
}

const environments = { 'boot-image': 'WinPE', 'installed-system': 'FullOS', both: 'WinPEandFullOS' } as const

function printStepAt(step: Step, path: NodePath, printing: Printing): XmlElement {
  const secrets = new Set(
    mentionsOf(step.action).flatMap((mention) => (mention.kind === 'secret' ? [mention.path] : [])),
  )
  const kept: Step = { ...step, action: mapActionSecrets(step.action, () => '') }
  const element = printStep(kept, secrets)
  const node = printNodePath(path)
  printing.typeAgain.push(...[...secrets].map((field) => ({ path: `${node}.action.${field}`, stepName: step.name })))
  noteDifferences(kept, element, { path, printing, secrets })
  return element
}

function printStep(step: Step, secrets: ReadonlySet<string>): XmlElement {
  const { definition, form } = formOf(step.action)
  const action: Readonly<Record<string, unknown>> = { ...step.action }
  const variables = [
    ...Object.entries(form.rows).flatMap(([property, row]) => {
      const value = action[row.member]
      const text = value === undefined ? undefined : row.write(value)
      const isHidden = secrets.has(row.member)
      if (text === undefined && !isHidden) return []
      return [{ property, variable: variableNameOf(form, property, row), text: text ?? '', isHidden }]
    }),
    ...(form.write?.(action) ?? []).map(([property, variable, text]) => ({
      property,
      variable,
      text,
      isHidden: false,
    })),
    ...Object.entries(form.fixed ?? {}).map(([property, text]) => ({
      property,
      variable: variableNameOf(form, property),
      text,
      isHidden: false,
    })),
  ]
  const say = (property: string): string => variables.find((one) => one.property === property)?.text ?? ''
  const command = form.command(say)
  return xmlElement(step.action.type === 'run-task-sequence' ? 'subtasksequence' : 'step', {
    attributes: {
      type: classOf(definition),
      ...settingsOf(step),
      runIn: environments[definition.runsIn],
      ...attributesOf(action),
      ...(step.timeoutSeconds === undefined ? {} : { timeout: String(step.timeoutSeconds) }),
    },
    children: [
      ...(command === '' ? [] : [xmlElement('action', { text: command })]),
      xmlElement('defaultVarList', {
        children: variables.map(({ property, variable, text, isHidden }) =>
          xmlElement('variable', {
            attributes: { name: variable, property, ...(isHidden ? { hidden: 'true' } : {}) },
            text,
          }),
        ),
      }),
      ...(step.condition === undefined ? [] : [printCondition(step.condition)]),
    ],
  })
}

function attributesOf(action: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const { successCodes, workingDirectory, retryUnexpectedRestarts, accessContentDirectly } = action
  return {
    ...(Array.isArray(successCodes) ? { successCodeList: successCodes.join(' ') } : {}),
    ...(typeof workingDirectory === 'string' ? { startIn: workingDirectory } : {}),
    ...(typeof retryUnexpectedRestarts === 'number' ? { retryCount: String(retryUnexpectedRestarts) } : {}),
    ...(typeof accessContentDirectly === 'boolean' ? { runFromNet: String(accessContentDirectly) } : {}),
  }
}

interface At {
  readonly path: NodePath
  readonly printing: Printing
}

function noteDifferences(step: Step, element: XmlElement, at: At & { readonly secrets: ReadonlySet<string> }): void {
  const back = readStep(element)
  const node = printNodePath(at.path)
  const actual = new Map<string, unknown>(Object.entries(back.step.action))
  for (const [member, value] of Object.entries(step.action)) {
    if (at.secrets.has(member) || JSON.stringify(actual.get(member)) === JSON.stringify(value)) continue
    // A secret that the step cannot do without stands there as a variable until it is typed again.
    if (back.typeAgain.includes(`action.${member}`)) continue
    at.printing.notes.push({
      path: `${node}.action.${member}`,
      message: `XML has no word for ${JSON.stringify(value).slice(0, 200)}`,
    })
  }
  noteCondition(step, element, at)
}

function noteCondition(node: Node, element: XmlElement, { path, printing }: At): void {
  const { condition } = readSettings(element, [])
  if (JSON.stringify(condition) === JSON.stringify(node.condition)) return
  const message = 'XML has no word for the whole condition: a part of it never holds there'
  printing.notes.push({ path: `${printNodePath(path)}.condition`, message })
}
