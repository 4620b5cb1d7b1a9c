/**
 * A step out of XML, as a step of ours that is valid in any case: with its action, or with its action but disabled because a
 * secret that it needs must be typed again, or as a disabled step that keeps the name and says what it was.
 */

import { assert } from '../../assert.ts'
import { neverBecause } from './never.ts'
import { printMember } from '../print-path.ts'
import { descriptionCharactersMax, nodeNameCharactersMax, parseNodeDocument } from '../parse-sequence.ts'
import type { Step } from '../task-sequence.ts'
import { attributeOf, type XmlElement } from './element.ts'
import { formOfClass, type StepForm } from './forms.ts'
import { actionText, readAction, type WrittenAction } from './read-action.ts'
import { readCondition } from './read-condition.ts'
import { readProperties } from './properties.ts'

export interface ReadStep {
  readonly step: Step
  /** Paths below the step, such as `action.password`. */
  readonly notes: readonly { readonly path: string; readonly message: string }[]
  readonly typeAgain: readonly string[]
}

type Notes = { readonly path: string; readonly message: string }[]

export function readStep(element: XmlElement): ReadStep {
  const type = attributeOf(element, 'type')
  const stepForm =
    element.name === 'subtasksequence' ? formOfClass('SMS_TaskSequence_SubTasksequence') : formOfClass(type)
  const notes: Notes = []
  const settings = readSettings(element, notes)
  if (stepForm === undefined) {
    const what = type === '' ? 'a step without a type' : type.slice(0, 100)
    return {
      ...standIn(element, settings, what),
      typeAgain: [],
      notes: [...notes, { path: '', message: unknownStep(element, what) }],
    }
  }
  const read = readAction(element, stepForm)
  notes.push(...read.remarks.map((message) => ({ path: 'action', message })))
  const rules = stepForm.definition.type === 'set-dynamic-variables'
  if (rules)
    notes.push({
      path: '',
      message: 'the rules of Set Dynamic Variables are not read: the step is disabled until they are entered',
    })
  const typeAgain = read.secrets.map((member) => printMember('action', member))
  const completed = complete({ ...settings, ...(rules ? { disabled: true } : {}) }, read, stepForm)
  if (completed.step !== undefined) {
    const secrets = completed.needed.map((member) => printMember('action', member))
    if (secrets.length > 0)
      notes.push({
        path: '',
        message: 'it cannot do without a secret that was left out: the step is disabled until it is typed again',
      })
    return { step: completed.step, notes, typeAgain: [...new Set([...typeAgain, ...secrets])] }
  }
  const what = `${stepForm.definition.title}, whose settings are not possible here`
  const faults = completed.faults.map(({ path, message }) => ({ path, message }))
  return {
    ...standIn(element, settings, what),
    typeAgain: [],
    notes: [...notes, ...faults, { path: '', message: `${what}: a disabled step stands in its place` }],
  }
}

type Settings = Readonly<Record<string, unknown>> & { readonly name: string; readonly description: string }

/** Name, description, flags, time limit and condition, made to fit. */
export function readSettings(element: XmlElement, notes: Notes): Settings {
  const note = (path: string) => (message: string) => void notes.push({ path, message })
  const name = plain(attributeOf(element, 'name')).trim()
  const description = attributeOf(element, 'description').replaceAll(/(?![\t\n\r])\p{Cc}/gu, ' ')
  if (name.length > nodeNameCharactersMax) note('name')(`it is cut to ${nodeNameCharactersMax} characters`)
  if (description.length > descriptionCharactersMax)
    note('description')(`it is cut to ${descriptionCharactersMax} characters`)
  const condition = readCondition(element, note('condition'))
  const seconds = attributeOf(element, 'timeout').trim()
  return {
    name: cut(name, nodeNameCharactersMax) || 'Step',
    description: cut(description, descriptionCharactersMax),
    disabled: isTrue(attributeOf(element, 'disable')),
    continueOnError: isTrue(attributeOf(element, 'continueOnError')),
    ...(condition === undefined ? {} : { condition: possible(condition, note('condition')) }),
    ...(element.name === 'group' || ['', '0'].includes(seconds) ? {} : readTimeout(seconds, note('timeoutSeconds'))),
  }
}

function readTimeout(text: string, note: (message: string) => void): Readonly<Record<string, unknown>> {
  const seconds = Number(text)
  const parsed = parseNodeDocument({ timeoutSeconds: seconds, action: { type: 'restart-computer' } })
  if (parsed.kind === 'valid') return { timeoutSeconds: seconds }
  note(`the time limit ${text.slice(0, 40)} is not possible here and was left out`)
  return {}
}

/** A condition with a fault is one that never holds, for nobody may guess what was meant. */
function possible(condition: Readonly<Record<string, unknown>>, note: (message: string) => void): unknown {
  const parsed = parseNodeDocument({ name: 'Group', condition, children: [] })
  if (parsed.kind === 'valid') return parsed.node.condition
  for (const { path, message } of parsed.faults) note(`${path.replace(/^condition\.?/, '')} ${message}`.trim())
  note('the condition is not possible here; one that never holds stands in its place')
  return neverBecause('no counterpart: a condition')
}

interface Completed {
  readonly step: Step | undefined
  /** Secrets that stand as `%variable%` until someone types them. */
  readonly needed: readonly string[]
  readonly faults: readonly { readonly path: string; readonly message: string }[]
}

function complete(settings: Settings, { written }: WrittenAction, { definition }: StepForm): Completed {
  const parsed = parseStepDocument({ ...settings, action: written })
  if (parsed.step !== undefined) return { ...parsed, needed: [] }
  const secrets = Object.entries(definition.fields).flatMap(([member, { form, variable }]) =>
    form.kind === 'text' && form.secret && parsed.faults.some(({ path }) => path === `action.${member}`)
      ? [[member, `%${variable ?? member}%`] as const]
      : [],
  )
  if (secrets.length === 0) return { ...parsed, needed: [] }
  const action = { ...written, ...Object.fromEntries(secrets) }
  const again = parseStepDocument({ ...settings, disabled: true, action })
  return { ...again, needed: secrets.map(([member]) => member) }
}

function parseStepDocument(document: unknown): Omit<Completed, 'needed'> {
  const parsed = parseNodeDocument(document)
  if (parsed.kind === 'invalid') return { step: undefined, faults: parsed.faults }
  return { step: parsed.node.kind === 'step' ? parsed.node : undefined, faults: [] }
}

/** Keeps name, place and condition; the description says what it was, the command what it ran. */
function standIn(element: XmlElement, settings: Settings, what: string): { readonly step: Step } {
  const command = actionText(element)
    .replaceAll(/(?![\t\n\r])\p{Cc}/gu, ' ')
    .trim()
  const commandLine = command === '' || command.length > 32_000 ? 'exit 1' : command
  const description = cut(`Was ${plain(what)}. ${settings.description}`.trim(), descriptionCharactersMax)
  const { timeoutSeconds: _, ...kept } = settings
  const parsed = parseStepDocument({
    ...kept,
    description,
    disabled: true,
    action: { type: 'run-command-line', commandLine },
  })
  assert(parsed.step !== undefined, 'a stand-in is a valid step')
  return { step: parsed.step }
}

function unknownStep(element: XmlElement, what: string): string {
  const said = readProperties(element)
    .left()
    .map(({ property, text, hidden }) => (hidden ? property : `${property}=${text.trim()}`).slice(0, 100))
  const properties = said.length === 0 ? '' : ` It said: ${said.join('; ')}`
  return `${what} has no counterpart: a disabled step stands in its place.${properties}`.slice(0, 2_000)
}

export function plain(text: string): string {
  return text.toWellFormed().replaceAll(/\p{Cc}|\u2028|\u2029/gu, ' ')
}

/** Never through the middle of a character. */
export function cut(text: string, max: number): string {
  return text
    .slice(0, max)
    .toWellFormed()
    .replace(/\uFFFD$/, '')
}

function isTrue(text: string): boolean {
  return text.trim().toLowerCase() === 'true'
}
