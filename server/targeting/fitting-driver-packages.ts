/**
 * Which driver packages fit a machine (S2-068): enabled ones with content, by the maker and the model that the machine
 * tells. Patterns may have `*` and `?` (S2-023). The ids of single devices are not looked at: packages have no index of
 * them.
 */

import { matchesWildcards } from '../sequence/match-wildcards.ts'
import type { DriverFit, DriverPackage, MachineModel } from '../site/driver-package.ts'

export interface MachineMake {
  readonly manufacturer?: string
  readonly model?: string
}

export interface FittingDriverPackage {
  readonly driverPackage: DriverPackage
  readonly fit: DriverFit
}

export function fittingDriverPackages(
  packages: readonly DriverPackage[],
  machine: MachineMake,
): readonly FittingDriverPackage[] {
  return packages.flatMap((driverPackage) => {
    const fit = driverPackage.enabled && driverPackage.content !== undefined ? fitOf(driverPackage, machine) : undefined
    return fit === undefined ? [] : [{ driverPackage, fit }]
  })
}

function fitOf({ models }: DriverPackage, machine: MachineMake): DriverFit | undefined {
  if (models.length === 0) return 'any'
  const made = models.filter(({ manufacturer }) => fits(manufacturer, machine.manufacturer))
  if (made.some(({ model }: MachineModel) => model !== undefined && fits(model, machine.model))) return 'model'
  return made.some(({ model }) => model === undefined) ? 'manufacturer' : undefined
}

/** Makers fill their names up with blanks. */
function fits(pattern: string, told = ''): boolean {
  return told.trim() !== '' && matchesWildcards(told.trim(), pattern.trim())
}
