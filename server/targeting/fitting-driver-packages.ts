/**
 * Which driver packages fit a machine (S2-068): enabled ones with content, by the maker and the model that the machine
 * tells (patterns may have `*` and `?`, S2-023), and those for no model in particular by its devices, as far as their
 * files say what they are for.
 */

import { matchesWildcards } from '../sequence/match-wildcards.ts'
import { type DriverIndex, findDriversFor } from '../site/driver-index.ts'
import type { DriverFit, DriverPackage, MachineModel } from '../site/driver-package.ts'

export interface MachineMake {
  readonly manufacturer?: string
  readonly model?: string
}

export interface AskingMachine extends MachineMake {
  /** Of its devices, as Linux and as Windows write them; empty: it does not tell. */
  readonly hardwareIds: readonly string[]
}

export interface IndexedDriverPackage {
  readonly driverPackage: DriverPackage
  /** Absent: its files were not looked into. */
  readonly index?: DriverIndex | undefined
}

export interface FittingDriverPackage {
  readonly driverPackage: DriverPackage
  readonly fit: DriverFit
}

export function fittingDriverPackages(
  packages: readonly IndexedDriverPackage[],
  machine: AskingMachine,
): readonly FittingDriverPackage[] {
  const ids = [...new Set(machine.hardwareIds.map((id) => id.toLowerCase()))].toSorted()
  return packages.flatMap(({ driverPackage, index }) => {
    const { enabled, content, models } = driverPackage
    if (!enabled || content === undefined) return []
    const fit = models.length === 0 ? fitOfDevices(index, ids) : fitOfModel(driverPackage, machine)
    return fit === undefined ? [] : [{ driverPackage, fit }]
  })
}

function fitOfModel({ models }: DriverPackage, machine: MachineMake): DriverFit | undefined {
  const made = models.filter(({ manufacturer }) => fits(manufacturer, machine.manufacturer))
  if (made.some(({ model }: MachineModel) => model !== undefined && fits(model, machine.model))) return 'model'
  return made.some(({ model }) => model === undefined) ? 'manufacturer' : undefined
}

/** What nobody could look into may be for any machine. */
function fitOfDevices(index: DriverIndex | undefined, ids: readonly string[]): DriverFit | undefined {
  const isTold = index?.drivers.some(({ hardwareIds }) => hardwareIds.length > 0) === true
  if (index === undefined || !isTold || ids.length === 0) return 'any'
  if (hasDriverFor(ids, index)) return 'device'
  return index.unread.length > 0 ? 'any' : undefined
}

/** A package names up to 100,000 ids, so each is compared only when a device begins as it does. */
function hasDriverFor(ids: readonly string[], { drivers, unread }: DriverIndex): boolean {
  return drivers.some((driver) => {
    const near = driver.hardwareIds.filter((pattern) => beginsLike(pattern, ids))
    return near.length > 0 && findDriversFor(ids, { drivers: [{ ...driver, hardwareIds: near }], unread }).length > 0
  })
}

/** `ids` are sorted, so the first that is not before the beginning begins with it, or none does. */
function beginsLike(pattern: string, ids: readonly string[]): boolean {
  const [beginning = ''] = pattern.toLowerCase().split('*')
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ids[middle] ?? '') < beginning) low = middle + 1
    else high = middle
  }
  return ids[low]?.startsWith(beginning) === true
}

/** Makers fill their names up with blanks. */
function fits(pattern: string, told = ''): boolean {
  return told.trim() !== '' && matchesWildcards(told.trim(), pattern.trim())
}
