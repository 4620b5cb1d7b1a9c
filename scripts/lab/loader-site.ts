/**
 * A site for tests of network start without virtual machines: boot images whose files are a line of text each, and
 * devices that are to start them. What is served can be told apart by its text.
 */

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bootArchitectures, bootImageFiles } from '../../server/site/boot-image.ts'
import type { BootArchitecture } from '../../server/site/boot-image.ts'
import type { ServerProcess } from './server-process.ts'
import { addBootImage, addCollection, addDevice, addTaskSequence, deploy } from './site-setup.ts'

export interface LoaderSite {
  /** `boot/ID/VERSION` of each boot image. */
  readonly tftpNames: Readonly<Record<BootArchitecture, string>>
}

export interface LoaderSiteOptions {
  readonly server: ServerProcess
  readonly directory: string
  /** A word for names of objects. */
  readonly name: string
  readonly macAddresses: readonly string[]
  /** Files besides kernel and initramfs, by architecture of the boot image. */
  readonly loaders: Readonly<Record<BootArchitecture, readonly string[]>>
}

export const allLoaders: LoaderSiteOptions['loaders'] = {
  x86: [bootImageFiles.biosLoader, bootImageFiles.uefiX86Loader],
  x64: [bootImageFiles.biosLoader, bootImageFiles.uefiX64Loader],
  arm64: [bootImageFiles.uefiArm64Loader],
}

export const noLoaders: LoaderSiteOptions['loaders'] = { x86: [], x64: [], arm64: [] }

/** The text of a file that `addLoaderSite` made. */
export function loaderText(architecture: BootArchitecture, file: string): string {
  return `${file} of ${architecture}\n`
}

export async function addLoaderSite(options: LoaderSiteOptions): Promise<LoaderSite> {
  const { server, name, macAddresses } = options
  const devices = await Promise.all(
    macAddresses.map((macAddress, index) => addDevice(server, { name: `${name}-${index}`, macAddress })),
  )
  const collectionId = await addCollection(server, `${name} machines`, devices)
  const names: [BootArchitecture, string][] = []
  for (const architecture of bootArchitectures) {
    const id = await addImage(options, architecture)
    const taskSequenceId = await addTaskSequence(server, id, { name: `${name} ${architecture}`, children: [] })
    await deploy(server, { taskSequenceId, collectionId, purpose: 'required' })
    names.push([architecture, `boot/${id}/1`])
  }
  return { tftpNames: Object.fromEntries(names) as LoaderSite['tftpNames'] }
}

async function addImage(
  { server, directory, name, loaders }: LoaderSiteOptions,
  architecture: BootArchitecture,
): Promise<string> {
  const folder = join(directory, name, architecture)
  const names = [bootImageFiles.kernel, bootImageFiles.initramfs, ...loaders[architecture]]
  for (const file of names) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), loaderText(architecture, file))
  }
  const files = names.map((file) => ({ name: file }))
  return addBootImage(server, `${name} ${architecture}`, { architecture, directory: folder, files })
}
