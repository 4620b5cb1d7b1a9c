/**
 * Auto Apply Drivers (S2-068): the enabled driver packages that the site found for this machine when the run started, by its
 * maker and model or by its devices. Without any, and without anything for the applied system in them, the step has nothing to
 * do and succeeds.
 */

import type { PolicyContent } from '../../server/contract/agent.ts'
import type { AutoApplyDrivers } from '../../server/sequence/step-types/auto-apply-drivers.ts'
import { driverFits } from '../../server/site/driver-package.ts'
import { requireTarget } from '../require-target.ts'
import { type StepContext, type StepResult, stepSucceeded } from '../step-context.ts'
import { isWindows } from '../windows-target.ts'
import { installDrivers } from './apply-driver-package.ts'

export async function autoApplyDrivers(action: AutoApplyDrivers, context: StepContext): Promise<StepResult> {
  const root = await requireTarget(context)
  const system = (await isWindows(root)) ? 'windows' : 'linux'
  const chosen = chooseDrivers(action, context.content, system)
  // A machine has devices of many packages, and not each of those has modules for this kernel.
  const onNothing = (reason: string): void => context.output('log', reason)
  if (chosen.length > 0) await installDrivers(root, { contents: chosen, onNothing }, context)
  else context.output('log', `the site has no enabled drivers for this machine and ${system}`)
  return stepSucceeded
}

export function chooseDrivers(
  { match, categories }: Pick<AutoApplyDrivers, 'match' | 'categories'>,
  contents: readonly PolicyContent[],
  system: PolicyContent['driverSystem'],
): readonly PolicyContent[] {
  const wanted = new Set(categories.map((category) => category.toLowerCase()))
  const fitting = contents.filter(
    ({ driverFit, driverSystem, driverCategories = [] }) =>
      driverFit !== undefined &&
      driverSystem === system &&
      (wanted.size === 0 || driverCategories.some((category) => wanted.has(category.toLowerCase()))),
  )
  if (match === 'all') return fitting
  const best = driverFits.find((fit) => fitting.some(({ driverFit }) => driverFit === fit))
  return fitting.filter(({ driverFit }) => driverFit === best)
}
