/**
 * The settings of a task sequence (JSON of unknown origin) as TaskSequenceSettings, or all their faults with their paths. What
 * is left out gets its default; the result is the normal form. Whether a package exists in the site is not asked here.
 */

import {
  type ClientOperatingSystem,
  type ClientPlatform,
  clientArchitectures,
  printClientPlatform,
} from '../address/client-platform.ts'
import { parsePackageId } from '../address/identifiers.ts'
import {
  type Fault,
  type Findings,
  fault,
  type Place,
  readBoolean,
  readList,
  readMembers,
  readText,
  readWholeNumber,
  readWord,
} from './read-document.ts'
import {
  type CustomNotification,
  defaultMaximumRunMinutes,
  defaultSettings,
  type RunFirst,
  type SoftwareCenterFields,
  type TaskSequenceSettings,
} from './task-sequence-settings.ts'

export type ParsedSettings =
  | { readonly kind: 'valid'; readonly settings: TaskSequenceSettings }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }

/** S1-083. */
export const notificationCharactersMax = 255
/** The source product's limit for the name of a program. */
export const programNameCharactersMax = 50
/** Ours: a year. The source product names no upper limit. */
export const runMinutesMax = 525_600
/** Ours: a petabyte. */
export const downloadMegabytesMax = 1_000_000_000
/** Ours: many more than there are systems to name. */
export const platformsMax = 100

export function parseSettings(document: unknown): ParsedSettings {
  const findings: Findings = { faults: [], warnings: [] }
  const settings = parseRoot({ value: document, path: '', findings })
  if (settings === undefined || findings.faults.length > 0) return { kind: 'invalid', faults: findings.faults }
  return { kind: 'valid', settings }
}

const rootFields = [
  'softwareCenter',
  'runFirst',
  'maximumRunMinutes',
  'platforms',
  'highImpact',
  'customNotification',
  'suppressNotifications',
  'highPerformancePowerPlan',
] as const
const softwareCenterFields = ['restartRequired', 'downloadMegabytes', 'estimatedRunMinutes'] as const
const runFirstFields = ['packageId', 'programName'] as const
const platformFields = ['architecture', 'operatingSystem'] as const
const operatingSystemFields = ['name', 'version'] as const
const notificationFields = ['headline', 'message', 'emphasis', 'closing'] as const

function parseRoot(place: Place): TaskSequenceSettings | undefined {
  const members = readMembers(place, rootFields)
  if (members === undefined) return undefined
  const runFirst = parseRunFirst(members.runFirst)
  const platforms = parsePlatforms(members.platforms)
  const highImpact = readBoolean(members.highImpact, defaultSettings.highImpact)
  const customNotification = parseNotification(members.customNotification)
  if (customNotification !== undefined && !highImpact) {
    const message = 'Custom texts are shown for high-impact task sequences: set highImpact, or leave this out.'
    fault(members.customNotification, 'contradiction', message)
  }
  return {
    softwareCenter: parseSoftwareCenter(members.softwareCenter),
    ...(runFirst === undefined ? {} : { runFirst }),
    maximumRunMinutes: readWholeNumber(members.maximumRunMinutes, {
      min: 0,
      max: runMinutesMax,
      absent: defaultMaximumRunMinutes,
    }),
    ...(platforms === undefined ? {} : { platforms }),
    highImpact,
    ...(customNotification === undefined ? {} : { customNotification }),
    suppressNotifications: readBoolean(members.suppressNotifications, defaultSettings.suppressNotifications),
    highPerformancePowerPlan: readBoolean(members.highPerformancePowerPlan, defaultSettings.highPerformancePowerPlan),
  }
}

function parseSoftwareCenter(place: Place): SoftwareCenterFields {
  if (place.value === undefined) return defaultSettings.softwareCenter
  const members = readMembers(place, softwareCenterFields)
  if (members === undefined) return defaultSettings.softwareCenter
  const { restartRequired, downloadMegabytes, estimatedRunMinutes } = members
  return {
    restartRequired: readBoolean(restartRequired, false),
    ...(downloadMegabytes.value === undefined
      ? {}
      : { downloadMegabytes: readWholeNumber(downloadMegabytes, { min: 0, max: downloadMegabytesMax }) }),
    ...(estimatedRunMinutes.value === undefined
      ? {}
      : { estimatedRunMinutes: readWholeNumber(estimatedRunMinutes, { min: 0, max: runMinutesMax }) }),
  }
}

function parseRunFirst(place: Place): RunFirst | undefined {
  if (place.value === undefined) return undefined
  const members = readMembers(place, runFirstFields)
  if (members === undefined) return undefined
  const text = typeof members.packageId.value === 'string' ? members.packageId.value : ''
  const packageId = parsePackageId(text)
  if (packageId === undefined) {
    fault(members.packageId, 'bad-package-id', 'Give the id of the package that holds the program, such as RVL00001.')
  }
  const programName = readText(members.programName, { max: programNameCharactersMax })
  return packageId === undefined ? undefined : { packageId, programName }
}

function parsePlatforms(place: Place): readonly ClientPlatform[] | undefined {
  if (place.value === undefined) return undefined
  const seen = new Set<string>()
  return readList(place, { min: 1, max: platformsMax }, (item) => {
    const platform = parsePlatform(item)
    const printed = printClientPlatform(platform)
    if (seen.has(printed)) fault(item, 'duplicate', `Remove this: ${printed} is listed before.`)
    seen.add(printed)
    return platform
  })
}

function parsePlatform(place: Place): ClientPlatform {
  const members = readMembers(place, platformFields)
  const [architecture] = clientArchitectures
  if (members === undefined) return { architecture }
  const operatingSystem = parseOperatingSystem(members.operatingSystem)
  return {
    architecture: readWord(members.architecture, clientArchitectures),
    ...(operatingSystem === undefined ? {} : { operatingSystem }),
  }
}

/** The characters that os-release allows in `ID` and `VERSION_ID`. */
const releaseWord = /^[a-z0-9._-]{1,64}$/

function parseOperatingSystem(place: Place): ClientOperatingSystem | undefined {
  if (place.value === undefined) return undefined
  const members = readMembers(place, operatingSystemFields)
  if (members === undefined) return undefined
  return {
    name: readReleaseWord(members.name),
    ...(members.version.value === undefined ? {} : { version: readReleaseWord(members.version) }),
  }
}

function readReleaseWord(place: Place): string {
  const text = readText(place, { max: 64 })
  if (text !== '' && !releaseWord.test(text)) {
    fault(
      place,
      'bad-characters',
      'Write it as os-release does, such as debian or 24.04: lower case, digits, . _ and -.',
    )
  }
  return text
}

function parseNotification(place: Place): CustomNotification | undefined {
  if (place.value === undefined) return undefined
  const members = readMembers(place, notificationFields)
  if (members === undefined) return undefined
  const text = (member: Place): string => readText(member, { max: notificationCharactersMax, lines: 'many' })
  return {
    headline: text(members.headline),
    message: text(members.message),
    emphasis: text(members.emphasis),
    closing: text(members.closing),
  }
}
