/** Apply Driver Package (S2-069): all drivers of a package, in an applied Linux or Windows. */

import { join } from 'node:path'
import type { PolicyContent } from '../../server/contract/agent.ts'
import type { ApplyDriverPackage } from '../../server/sequence/step-types/apply-driver-package.ts'
import { installLinuxDrivers, renewModules } from '../linux-drivers.ts'
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
  await installDrivers(root, [content], context)
  return stepSucceeded
}

/** All of them, and then once what follows from new drivers. */
export async function installDrivers(
  root: string,
  contents: readonly PolicyContent[],
  context: StepContext,
): Promise<void> {
  const system = (await isWindows(root)) ? 'windows' : 'linux'
  for (const { id, driverSystem = system } of contents) {
    if (driverSystem === system) continue
    throw new StepFailed(`the driver package ${id} is for ${driverSystem}, and the applied system is ${system}`)
  }
  const changed = new Set<string>()
  for (const content of contents) {
    const folder = await fetchContent(context, content, { parent: await workingFolder(context) })
    context.output('log', `installing the drivers of ${content.name} (${content.id})`)
    if (system === 'windows') {
      await makeTargetFolder(root, windowsDriversFolder)
      await replaceTargetFolder(root, join(windowsDriversFolder, content.id), folder)
    } else for (const release of await installLinuxDrivers(root, content, folder)) changed.add(release)
  }
  if (system === 'windows') await addAnswers(root, [windowsDriverAnswers], context)
  else await renewModules(root, [...changed], context)
}
