/**
 * The action of a step, one reader per type (S2.0, S2.1): fields, defaults and limits. Discs and network cards have their
 * own files. Texts that may hold `%name%` are judged only when they hold none: their value is not known before the run.
 */

import { parsePackageId } from '../address/identifiers.ts'
import {
  type Action,
  type ActionType,
  type ApplyOperatingSystemImage,
  type ApplyWindowsSettings,
  actionTitles,
  type RestartComputer,
  type RunCommandLine,
  type SetTaskSequenceVariable,
  type SetupWindowsAndConfigMgr,
} from './action.ts'
import { variableValueCharactersMax } from './environment.ts'
import { parseFormatAndPartitionDisk } from './parse-disk.ts'
import { parseApplyNetworkSettings } from './parse-network.ts'
import { parseVariableName } from './parse-variable-name.ts'
import {
  fault,
  type Place,
  peek,
  readBoolean,
  readList,
  readMembers,
  readText,
  readWholeNumber,
  readWord,
} from './read-document.ts'
import { restartDelaySecondsMax, restartExitCode } from './restart-request.ts'

/** S2-002, S2-003, S1-048. */
export const commandLineCharactersMax = 32_000
export const workingDirectoryCharactersMax = 255
export const restartMessageCharactersMax = 512
export const successCodesMax = 100

export function parseAction(place: Place): Action | undefined {
  const type = peek(place, 'type')
  const known = typeof type === 'string' && isActionType(type) ? type : undefined
  if (known !== undefined) return readers[known](place)
  const missing = place.value === undefined || type === undefined
  const at = place.value === undefined ? place : { ...place, path: `${place.path}.type` }
  fault(at, missing ? 'missing' : 'not-allowed', `Give an action whose type is one of ${actionTypes.join(', ')}.`)
  return undefined
}

const actionTypes = Object.keys(actionTitles)

function isActionType(text: string): text is ActionType {
  return Object.hasOwn(actionTitles, text)
}

const readers = {
  'set-task-sequence-variable': parseSetTaskSequenceVariable,
  'run-command-line': parseRunCommandLine,
  'format-and-partition-disk': parseFormatAndPartitionDisk,
  'apply-operating-system-image': parseApplyOperatingSystemImage,
  'apply-network-settings': parseApplyNetworkSettings,
  'apply-windows-settings': parseApplyWindowsSettings,
  'setup-windows-and-configmgr': parseSetupWindowsAndConfigMgr,
  'restart-computer': parseRestartComputer,
} as const satisfies Record<ActionType, (place: Place) => Action | undefined>

function parseSetTaskSequenceVariable(place: Place): SetTaskSequenceVariable | undefined {
  const members = readMembers(place, ['type', 'variable', 'value', 'secret'])
  if (members === undefined) return undefined
  return {
    type: 'set-task-sequence-variable',
    variable: parseVariableName(members.variable, 'set'),
    value: readText(members.value, { max: variableValueCharactersMax, absent: '', lines: 'many' }),
    secret: readBoolean(members.secret, false),
  }
}

const runCommandLineFields = [
  'type',
  'commandLine',
  'workingDirectory',
  'successCodes',
  'outputVariable',
  'inTargetSystem',
] as const

function parseRunCommandLine(place: Place): RunCommandLine | undefined {
  const members = readMembers(place, runCommandLineFields)
  if (members === undefined) return undefined
  const { outputVariable } = members
  return {
    type: 'run-command-line',
    commandLine: readRequiredLines(members.commandLine, commandLineCharactersMax),
    workingDirectory: readText(members.workingDirectory, { max: workingDirectoryCharactersMax, absent: '/' }),
    successCodes: parseSuccessCodes(members.successCodes),
    ...(outputVariable.value === undefined ? {} : { outputVariable: parseVariableName(outputVariable, 'set') }),
    inTargetSystem: readBoolean(members.inTargetSystem, false),
  }
}

function readRequiredLines(place: Place, max: number): string {
  return readText(place, { max, lines: 'many' })
}

function parseSuccessCodes(place: Place): readonly number[] {
  // Exit codes of the field are 32 bits wide, and are written with and without a sign.
  const code = { min: -0x8000_0000, max: 0xffff_ffff }
  const rule = { min: 1, max: successCodesMax, absent: [0, restartExitCode] }
  return [...new Set(readList(place, rule, (item) => readWholeNumber(item, code)))]
}

function parseApplyOperatingSystemImage(place: Place): ApplyOperatingSystemImage | undefined {
  const members = readMembers(place, ['type', 'imageId', 'destinationVariable'])
  if (members === undefined) return undefined
  const { destinationVariable } = members
  return {
    type: 'apply-operating-system-image',
    imageId: parseImageId(members.imageId),
    ...(destinationVariable.value === undefined
      ? {}
      : { destinationVariable: parseVariableName(destinationVariable, 'read') }),
  }
}

function parseImageId(place: Place): string {
  const text = readText(place, { max: 8 })
  if (text !== '' && parsePackageId(text) === undefined) {
    fault(place, 'bad-package-id', 'Give the id of an operating system image, such as RVL00004.')
  }
  return text
}

const applyWindowsSettingsFields = [
  'type',
  'computerName',
  'registeredUser',
  'organization',
  'timeZone',
  'locale',
] as const

function parseApplyWindowsSettings(place: Place): ApplyWindowsSettings | undefined {
  const members = readMembers(place, applyWindowsSettingsFields)
  if (members === undefined) return undefined
  const computerName = readText(members.computerName, { max: 255, absent: '%OSDComputerName%' })
  judge(members.computerName, computerName, hostName)
  const timeZone = readText(members.timeZone, { max: 255, absent: '' })
  judge(members.timeZone, timeZone, timeZoneName)
  const locale = readText(members.locale, { max: 255, absent: '' })
  judge(members.locale, locale, localeName)
  return {
    type: 'apply-windows-settings',
    computerName: computerName === '' ? '%OSDComputerName%' : computerName,
    registeredUser: readText(members.registeredUser, { max: 255, absent: '' }),
    organization: readText(members.organization, { max: 255, absent: '' }),
    timeZone,
    locale,
  }
}

interface Form {
  readonly pattern: RegExp
  readonly advice: string
}

/** RFC 1123 section 2.1: letters, digits and hyphens, no hyphen at either end. */
const hostName: Form = {
  pattern: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i,
  advice: 'Give a host name of 1 to 63 letters, digits and hyphens, or a variable such as %OSDComputerName%.',
}

/** Becomes a file name under the zone directory, so nothing may lead out of it. */
const timeZoneName: Form = {
  pattern: /^[a-z0-9_+-]+(?:\/[a-z0-9_+-]+){0,3}$/i,
  advice: 'Give a time zone such as Europe/Berlin, or leave it out.',
}

const localeName: Form = {
  pattern: /^[a-z0-9_.@-]+$/i,
  advice: 'Give a locale such as en_US.UTF-8, or leave it out.',
}

function judge(place: Place, text: string, form: Form): void {
  if (text !== '' && !text.includes('%') && !form.pattern.test(text)) fault(place, 'bad-characters', form.advice)
}

function parseSetupWindowsAndConfigMgr(place: Place): SetupWindowsAndConfigMgr | undefined {
  return readMembers(place, ['type']) && { type: 'setup-windows-and-configmgr' }
}

function parseRestartComputer(place: Place): RestartComputer | undefined {
  const members = readMembers(place, ['type', 'target', 'message', 'timeoutSeconds'])
  if (members === undefined) return undefined
  const message = readText(members.message, { max: restartMessageCharactersMax, absent: '', lines: 'many' })
  // S1-048: a minute for a message that someone wrote; nobody needs to wait for none.
  const absent = message === '' ? 0 : 60
  return {
    type: 'restart-computer',
    target: readWord(members.target, ['boot-image', 'installed-system'], 'installed-system'),
    message,
    timeoutSeconds: readWholeNumber(members.timeoutSeconds, { min: 0, max: restartDelaySecondsMax, absent }),
  }
}
