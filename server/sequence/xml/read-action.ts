/**
 * The action of a step out of its XML, as a document that the definition of the step type judges. Secrets are not taken: the
 * source system encrypts them for itself, and what stands in a file in the clear is one no longer (S11-003).
 */

import type { StepType, Written } from '../step-type.ts'
import { attributeOf, childrenNamed, type XmlElement } from './element.ts'
import { variableNameOf } from './form.ts'
import type { StepForm } from './forms.ts'
import { type Properties, readProperties } from './properties.ts'

export interface WrittenAction {
  readonly written: Written
  /** Members that are secret and that the XML had, or hid. */
  readonly secrets: readonly string[]
  /** What was not understood or has no counterpart. */
  readonly remarks: readonly string[]
}

export function readAction(element: XmlElement, { definition, form }: StepForm): WrittenAction {
  const properties = readProperties(element)
  const read = readRows(properties, { definition, form })
  const more = { ...form.read?.(properties), ...readAttributes(element, definition, properties) }
  const written = { type: definition.type, ...read.written, ...more }
  for (const [property, text] of Object.entries(form.fixed ?? {})) {
    const names = [property, variableNameOf(form, property)]
    if (
      properties
        .peek(...names)
        ?.text.trim()
        .toLowerCase() === text.toLowerCase()
    )
      properties.find(...names)
  }
  const command = definition.type === 'run-command-line' ? readCommand(element, written) : {}
  const left = properties.left().map(({ property, text, hidden }) => {
    const value = hidden ? '' : ` (${JSON.stringify(text.trim().slice(0, 100))})`
    return `the property ${property.slice(0, 100)}${value} has no counterpart`
  })
  return {
    written: { ...written, ...command },
    secrets: read.secrets,
    remarks: [...read.remarks, ...attributeRemarks(element, definition), ...left],
  }
}

function readRows(properties: Properties, { definition, form }: StepForm): WrittenAction {
  const written: Record<string, unknown> = {}
  const secrets: string[] = []
  const remarks: string[] = []
  for (const [property, row] of Object.entries(form.rows)) {
    const found = properties.find(property, variableNameOf(form, property, row))
    if (found === undefined) continue
    if (isSecret(definition, row.member, written)) {
      if (found.hidden || found.text !== '') secrets.push(row.member)
    } else if (found.text !== '') {
      const value = row.read(found.text)
      if (value === undefined)
        remarks.push(`${property} says ${JSON.stringify(found.text.slice(0, 100))}, which is not known here`)
      else written[row.member] = value
    }
  }
  return { written, secrets, remarks }
}

export function isSecret({ fields, together }: StepType, member: string, written: Written): boolean {
  const shape = fields[member]?.form
  if (shape?.kind === 'text' && shape.secret) return true
  return together.secretWhen?.member === member && written[together.secretWhen.flag] === true
}

/** What the source system keeps beside the properties, for every class alike. */
function readAttributes(element: XmlElement, { fields }: StepType, properties: Properties): Written {
  const attribute = (name: string, ...names: readonly string[]): string => {
    const property = properties.text(...names)
    return attributeOf(element, name).trim() || property.trim()
  }
  const codes = attribute('successCodeList', 'SuccessCodes')
    .split(/[\s,]+/)
    .filter((code) => code !== '')
  const folder = attribute('startIn', 'WorkingDirectory')
  const retries = attribute('retryCount', 'RetryCount')
  const fromNet = attribute('runFromNet', 'RunFromNet').toLowerCase()
  return {
    ...('successCodes' in fields && codes.length > 0 ? { successCodes: codes.map(Number) } : {}),
    ...('workingDirectory' in fields && folder !== '' ? { workingDirectory: folder } : {}),
    ...('retryUnexpectedRestarts' in fields && retries !== '' ? { retryUnexpectedRestarts: Number(retries) } : {}),
    ...('accessContentDirectly' in fields && fromNet !== '' ? { accessContentDirectly: fromNet === 'true' } : {}),
  }
}

const knownAttributes = new Set(
  'type name description disable continueOnError timeout expand id runIn successCodeList startIn retryCount runFromNet'.split(
    ' ',
  ),
)

function attributeRemarks(element: XmlElement, { fields, runsIn }: StepType): readonly string[] {
  const value = (name: string): string => attributeOf(element, name).trim()
  const remarks = Object.keys(element.attributes)
    .filter((name) => !knownAttributes.has(name) && value(name) !== '')
    .map((name) => `the attribute ${name.slice(0, 60)} has no counterpart`)
  const codes = value('successCodeList')
  if (!('successCodes' in fields) && !['', '0', '0 3010'].includes(codes)) {
    remarks.push(
      `its success codes ${codes.slice(0, 60)} have no counterpart: the step knows by itself what is success`,
    )
  }
  if (!('workingDirectory' in fields) && value('startIn') !== '') remarks.push('its start folder has no counterpart')
  if (!('retryUnexpectedRestarts' in fields) && !['', '0'].includes(value('retryCount'))) {
    remarks.push('it is not tried again after an unexpected restart: the step type has no such setting')
  }
  const environment = value('runIn')
  if (runsIn === 'both' && /^(?:WinPE|FullOS)$/i.test(environment)) {
    remarks.push(`it was kept to ${environment}; here the step runs in either, so give it a condition on _SMSTSInWinPE`)
  }
  return remarks
}

/** Older programs say the command line in the action alone: with the program that runs it, or by itself. */
function readCommand(element: XmlElement, written: Written): Written {
  if (written['commandLine'] !== undefined) return {}
  const action = actionText(element)
  const match = /^smsswd\.exe\s+\/run:(\S*)\s+([^]*)$/i.exec(action)
  if (match === null) return action.trim() === '' ? {} : { commandLine: action }
  const [, packageId = '', commandLine] = match
  return { commandLine, ...(packageId === '' || written['packageId'] !== undefined ? {} : { packageId }) }
}

export function actionText(element: XmlElement): string {
  return childrenNamed(element, 'action')[0]?.text ?? ''
}
