/**
 * A driver package in an applied Linux (S2-069): modules go where depmod(8) prefers them to the kernel's own, firmware
 * where the kernel looks first, and the initial RAM disk is made again, because the disk may need them. The programs are
 * those of the applied system.
 */

import { constants } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PolicyContent } from '../server/contract/agent.ts'
import { runTool } from './step-command.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { hasTargetFile, listTargetFolder, makeTargetFolder } from './target-files.ts'

const modulesFolder = 'lib/modules'
const firmwareFolder = 'lib/firmware/updates'

/** Where the files of a package go in this system. */
export interface DriverPlan {
  readonly places: readonly DriverPlace[]
  /** Set when nothing of it goes anywhere. */
  readonly reason?: string
}

interface DriverPlace {
  readonly name: string
  readonly path: string
  /** The kernel of a module; firmware is for all. */
  readonly release?: string
}

export async function planLinuxDrivers(root: string, { id, files }: PolicyContent): Promise<DriverPlan> {
  const releases = await listTargetFolder(root, modulesFolder)
  const places = files.flatMap(({ name }) => {
    const place = placeOf(name, { id, releases })
    return place === undefined ? [] : [{ name, ...place }]
  })
  if (places.length > 0) return { places }
  const kernels = releases.length === 0 ? 'has no kernel modules' : `has the kernels ${releases.join(', ')}`
  const reason = `the driver package ${id} has nothing for the applied system, which ${kernels}: it needs folders named so, or firmware/`
  return { places, reason }
}

/** `folder` holds the files of the content. */
export async function installLinuxDrivers(root: string, { places }: DriverPlan, folder: string): Promise<void> {
  for (const { name, path } of places) await putFile(root, path, join(folder, name))
}

/** After all packages, once for each kernel whose modules changed; RAM disks of all kernels when firmware changed. */
export async function renewModules(root: string, plans: readonly DriverPlan[], context: StepContext): Promise<void> {
  const places = plans.flatMap((plan) => plan.places)
  const changed = new Set(places.flatMap(({ release }) => (release === undefined ? [] : [release])))
  const hasFirmware = places.some(({ release }) => release === undefined)
  await context.target.bindSystemFolders()
  for (const release of changed) {
    await runTool(context, ['chroot', root, await requireProgram(root, 'depmod'), '-a', release])
  }
  for (const release of hasFirmware ? await listTargetFolder(root, modulesFolder) : changed) {
    const command = await initramfsCommand(root, release)
    if (command === undefined) context.output('log', `nothing in the applied system makes the RAM disk of ${release}`)
    else await runTool(context, ['chroot', root, ...command])
  }
}

interface Kernels {
  readonly id: string
  readonly releases: readonly string[]
}

function placeOf(name: string, { id, releases }: Kernels): { path: string; release?: string } | undefined {
  const [first = '', ...rest] = name.split('/')
  if (rest.length === 0) return undefined
  if (first === 'firmware') return { path: join(firmwareFolder, ...rest) }
  const isModule = releases.includes(first) && /\.ko(?:\.(?:xz|zst|gz))?$/.test(name)
  return isModule
    ? { path: join(modulesFolder, first, 'updates', `reveille-${id}`, ...rest), release: first }
    : undefined
}

/** A link that stands there is replaced, and not followed. */
async function putFile(root: string, path: string, source: string): Promise<void> {
  const place = join(await makeTargetFolder(root, dirname(path)), basename(path))
  await rm(place, { force: true })
  await copyFile(source, place, constants.COPYFILE_EXCL)
}

async function initramfsCommand(root: string, release: string): Promise<readonly string[] | undefined> {
  const debian = await findProgram(root, 'update-initramfs')
  if (debian !== undefined) return [debian, '-u', '-k', release]
  const dracut = await findProgram(root, 'dracut')
  return dracut === undefined ? undefined : [dracut, '--force', '--kver', release]
}

async function requireProgram(root: string, name: string): Promise<string> {
  const place = await findProgram(root, name)
  if (place !== undefined) return place
  throw new StepFailed(`the applied system has no ${name}, so its new modules cannot be found (package kmod)`)
}

async function findProgram(root: string, name: string): Promise<string | undefined> {
  for (const folder of ['usr/sbin', 'sbin', 'usr/bin', 'bin']) {
    if (await hasTargetFile(root, `${folder}/${name}`)) return `/${folder}/${name}`
  }
  return undefined
}
