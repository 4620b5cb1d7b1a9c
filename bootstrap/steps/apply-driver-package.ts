/** Apply Driver Package (S2-069): all drivers of a package, in an applied Linux or Windows. */

import { join } from 'node:path'
import type { PolicyContent } from '../../server/contract/agent.ts'
import type { ApplyDriverPackage } from '../../server/sequence/step-types/apply-driver-package.ts'
import { type DriverPlan, installLinuxDrivers, planLinuxDrivers, renewModules } from '../linux-drivers.ts'
import { fetchContent, findContent, workingFolder } from '../package-content.ts'
import { requireTarget } from '../require-target.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded } from '../step-context.ts'
import { makeTargetFolder, replaceTargetFolder } from '../target-files.ts'
import { dismCommandLine, windowsDriverAnswers, windowsDriversFolder } from '../windows-drivers.ts'
import { addAnswers, isWindows } from '../windows-target.ts'

export async function applyDriverPackage(action: ApplyDriverPackage, context: StepContext): Promise<StepResult> {
  const content = findContent(context, action.packageId, 'driver package')
  if (action.massStorage !== undefined) {
    throw new StepFailed('mass storage drivers of their own are for Windows before 6.0, which is not applied here')
  }
  const root = await requireTarget(context)
  if ((await isWindows(root)) && action.recurse) {
    const line = dismCommandLine(action, { image: 'C:\\', folder: `C:\\Drivers\\Reveille\\${content.id}` })
    context.output('log', `the options of DISM have no effect here; by hand it would be: ${line}`)
  }
  const onNothing = (reason: string): never => {
    throw new StepFailed(reason)
  }
  await installDrivers(root, { contents: [content], onNothing }, context)
  return stepSucceeded
}

interface Chosen {
  readonly contents: readonly PolicyContent[]
  /** Of a package that has nothing for the applied system. */
  readonly onNothing: (reason: string) => void
}

/** All of them, and then once what follows from new drivers. */
export async function installDrivers(
  root: string,
  { contents, onNothing }: Chosen,
  context: StepContext,
): Promise<void> {
  const system = (await isWindows(root)) ? 'windows' : 'linux'
  for (const { id, driverSystem = system } of contents) {
    if (driverSystem === system) continue
    throw new StepFailed(`the driver package ${id} is for ${driverSystem}, and the applied system is ${system}`)
  }
  if (system === 'windows') await installInWindows(root, contents, context)
  else await installInLinux(root, { contents, onNothing }, context)
}

async function installInWindows(root: string, contents: readonly PolicyContent[], context: StepContext): Promise<void> {
  for (const content of contents) {
    const folder = await fetchDrivers(content, context)
    await makeTargetFolder(root, windowsDriversFolder)
    await replaceTargetFolder(root, join(windowsDriversFolder, content.id), folder)
  }
  await addAnswers(root, [windowsDriverAnswers], context)
}

async function installInLinux(root: string, { contents, onNothing }: Chosen, context: StepContext): Promise<void> {
  const installed: DriverPlan[] = []
  for (const content of contents) {
    const plan = await planLinuxDrivers(root, content)
    if (plan.reason === undefined) {
      await installLinuxDrivers(root, plan, await fetchDrivers(content, context))
      installed.push(plan)
    } else onNothing(plan.reason)
  }
  await renewModules(root, installed, context)
}

async function fetchDrivers(content: PolicyContent, context: StepContext): Promise<string> {
  const folder = await fetchContent(context, content, { parent: await workingFolder(context) })
  context.output('log', `installing the drivers of ${content.name} (${content.id})`)
  return folder
}
