/**
 * From the installed system back into the boot image (S1-043): its kernel and initramfs are put beside those of the system,
 * verified, and GRUB starts them as long as they lie there. The agent in the boot image takes them away when it goes on
 * with the run, so every later start is the system's own. A machine that the server lets start from the network comes there
 * as well; this way needs no network in the firmware.
 */

import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { PolicyContent } from '../server/contract/agent.ts'
import { bootImageFiles } from '../server/site/boot-image.ts'
import { type DownloadSettings, downloadFile } from './download.ts'
import { StepFailed } from './step-context.ts'
import { hasTargetFile, isPlainPath, makeTargetFolder, readTargetFile, writeTargetFile } from './target-files.ts'

/** Below the root of the installed system. */
export const stagedFolder = 'boot/reveille-boot-image'

/** Written by Setup Windows and ConfigMgr: what the boot image was started with. */
export const bootArgumentsFile = 'var/lib/reveille/boot-arguments'

export interface Staging {
  readonly root: string
  readonly content: readonly PolicyContent[]
  readonly download: DownloadSettings
  readonly server: readonly string[]
  readonly signal: AbortSignal
}

export async function stageBootImage({ root, content, download, server, signal }: Staging): Promise<void> {
  const image = content.find(({ kind }) => kind === 'boot-image')
  if (image === undefined) throw new StepFailed('the task sequence has no boot image that this system could start')
  const configuration = await readTargetFile(root, 'boot/grub/grub.cfg')
  if (configuration === '') throw new StepFailed('this system does not start by GRUB, so it cannot start a boot image')
  const folder = await makeTargetFolder(root, stagedFolder)
  const names = [bootImageFiles.kernel, bootImageFiles.initramfs]
  for (const name of names) {
    const file = image.files.find((each) => each.name === name)
    if (file === undefined) throw new StepFailed(`the boot image ${image.id} has no ${name}`)
    const octets = downloadFile(download, { content: image, file, signal })
    await pipeline(octets, createWriteStream(join(folder, name), { mode: 0o600 }))
  }
  const isOwnVolume = (await stat(join(root, 'boot'))).dev !== (await stat(root)).dev
  const place = isOwnVolume ? stagedFolder.replace(/^boot/, '') : `/${stagedFolder}`
  const start = printStagedStart(place, stagedArguments(await readTargetFile(root, bootArgumentsFile), server))
  const own = configuration.replace(stagedStart, '')
  await writeTargetFile(root, 'boot/grub/grub.cfg', start + own, 0o600)
}

/** The boot image runs, or the run is over: the system starts by itself again. */
export async function removeStagedBootImage(root: string): Promise<void> {
  if (!isPlainPath(root, stagedFolder) || !(await hasTargetFile(root, stagedFolder))) return
  await rm(join(root, stagedFolder), { recursive: true, force: true })
}

const begin = '# Reveille: the boot image, as long as it is there.\n'
const end = '# Reveille: the system itself.\n'
const stagedStart = new RegExp(`^${begin}[^]*?${end}`)

/** Before everything else in `grub.cfg`; `$root` is where GRUB found that file. */
export function printStagedStart(place: string, args: readonly string[]): string {
  const [kernel, initramfs] = [bootImageFiles.kernel, bootImageFiles.initramfs].map((name) => `${place}/${name}`)
  return `${begin}if [ -f ${initramfs} ]; then
  linux ${[kernel, ...args].join(' ')}
  initrd ${initramfs}
  boot
fi
${end}`
}

/** What another loader said of files and cards is no longer so; what is no plain word would be read by GRUB itself. */
export function stagedArguments(commandLine: string, server: readonly string[]): readonly string[] {
  const kept = commandLine
    .trim()
    .split(/\s+/)
    .filter((word) => /^[A-Za-z0-9_.-]+(?:=[A-Za-z0-9_.,:/@+=-]*)?$/.test(word))
    .filter((word) => !/^(?:BOOT_IMAGE|initrd|reveille\.server)=/.test(word))
  return [...kept, ...server.map((base) => `reveille.server=${base}`)]
}
