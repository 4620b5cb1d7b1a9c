/**
 * Capture Operating System Image (S2-064): a Linux system becomes an archive of its root file system, a Windows one a WIM with
 * an image of each NTFS and FAT32 volume. The image goes into a folder, or to the site, which then has one more operating
 * system image. What is captured is not changed, but for the state of the run that lies there.
 */

import type { CaptureOperatingSystemImage } from '../../server/sequence/step-types/capture-operating-system-image.ts'
import { clientInImageVariable } from '../../server/sequence/step-types/prepare-configmgr-client-for-capture.ts'
import type { OperatingSystemImage } from '../../server/site/operating-system-image.ts'
import { captureArchive, octetsOf } from '../capture-archive.ts'
import { type CapturedSystem, findCapturedSystem } from '../captured-system.ts'
import { capturedImageDescription, capturedImageName, systemName } from '../captured-names.ts'
import { captureVolumeArguments, findVolumes, type Volume } from '../capture-volumes.ts'
import { startCommand } from '../command.ts'
import { clientPaths, neverCaptured } from '../general-system.ts'
import { captureFile, keepAsFile, keepAtSite, type MakeImage } from '../keep-image.ts'
import { withMounted } from '../mounted-partition.ts'
import { type StepContext, StepFailed, type StepResult, variable } from '../step-context.ts'
import { readTargetFile } from '../target-files.ts'
import { runWimlib } from '../wim.ts'

export async function captureOperatingSystemImage(
  action: CaptureOperatingSystemImage,
  context: StepContext,
): Promise<StepResult> {
  const system = await findCapturedSystem(context)
  return system.kind === 'linux' ? captureLinux(action, context) : captureWindows(action, { system }, context)
}

async function captureLinux(action: CaptureOperatingSystemImage, context: StepContext): Promise<StepResult> {
  const { root } = context.target
  await context.target.unmountBelow()
  await refuseSeparateSystem(root)
  const removesClient = context.variable(clientInImageVariable) === 'remove'
  const make: MakeImage = () =>
    captureArchive({
      root,
      leftOut: [...neverCaptured, ...(removesClient ? clientPaths : [])],
      signal: context.signal,
      onLine: (line) => context.output('stderr', line),
    })
  const osRelease = (await readTargetFile(root, 'etc/os-release')) || (await readTargetFile(root, 'usr/lib/os-release'))
  return keep({ action, format: 'root-archive', system: systemName(osRelease), make }, context)
}

/** S2-064: boot and operating system volume are one; what the image would lack could not start elsewhere. */
async function refuseSeparateSystem(root: string): Promise<void> {
  const fstab = await readTargetFile(root, 'etc/fstab')
  const places = fstab.split('\n').flatMap((line) => {
    const [source = '', place = ''] = line.trim().split(/\s+/)
    return source === '' || source.startsWith('#') ? [] : [place]
  })
  const separate = places.find((place) => ['/boot', '/usr', '/var', '/etc', '/opt'].includes(place))
  if (separate === undefined) return
  throw new StepFailed(
    `${separate} of this system is a volume of its own, and one volume is captured: put them together`,
  )
}

interface Windows {
  readonly system: Extract<CapturedSystem, { readonly kind: 'windows' }>
}

async function captureWindows(
  action: CaptureOperatingSystemImage,
  { system }: Windows,
  context: StepContext,
): Promise<StepResult> {
  const { target } = context
  // wimlib reads the partition itself.
  await target.release()
  try {
    const volumes = await findVolumes(context.disks, system.partition.device)
    const [volume, ...more] = volumes
    if (volume === undefined) throw new StepFailed('this machine has no NTFS or FAT32 volume to capture')
    if (action.destination !== '') return await captureToWim({ action, volumes }, context)
    if (more.length > 0 || volume.fileSystem !== 'ntfs') {
      throw new StepFailed(
        `${volumes.length} volumes are captured into one file, and that cannot be sent while it is made: give the step a destination folder`,
      )
    }
    const make: MakeImage = () => volumeOctets(volume, namesOf(action, volume, 1), context)
    return await keep({ action, format: 'wim', system: 'Windows', make }, context)
  } finally {
    if (system.isTarget) await target.mountRoot(system.partition)
  }
}

function volumeOctets(volume: Volume, names: ReturnType<typeof namesOf>, context: StepContext): AsyncGenerator<Buffer> {
  const words = captureVolumeArguments({ source: volume.device, target: '-', add: false }, names)
  const child = startCommand({ program: 'wimlib-imagex', arguments: words })
  return octetsOf(child, { signal: context.signal, onLine: () => {} })
}

interface ToWim {
  readonly action: CaptureOperatingSystemImage
  readonly volumes: readonly Volume[]
}

async function captureToWim({ action, volumes }: ToWim, context: StepContext): Promise<StepResult> {
  const file = await captureFile(action.destination, 'wim', context)
  for (const [index, volume] of volumes.entries()) {
    context.progress({ text: `Capturing ${volume.device}`, done: index, total: volumes.length, unit: 'items' })
    await captureVolume({ volume, file: file.part, names: namesOf(action, volume, index + 1), add: index > 0 }, context)
  }
  return kept(await keepAsFile(file, undefined, context), file.path, context)
}

interface VolumeCapture {
  readonly volume: Volume
  readonly file: string
  readonly names: ReturnType<typeof namesOf>
  readonly add: boolean
}

async function captureVolume({ volume, file, names, add }: VolumeCapture, context: StepContext): Promise<void> {
  const capture = (source: string): Promise<void> =>
    runWimlib([], captureVolumeArguments({ source, target: file, add }, names), context)
  if (volume.fileSystem === 'ntfs') return capture(volume.device)
  const partition = { device: volume.device, use: 'primary', fileSystem: 'fat32' } as const
  await withMounted(partition, { scratchFolder: context.scratchFolder, mountWords: ['-o', 'ro'] }, capture)
}

/** Names of images in one file must differ. */
function namesOf(action: CaptureOperatingSystemImage, volume: Volume, index: number) {
  const name = action.imageName === '' ? 'Windows' : action.imageName
  return {
    name: index === 1 ? name : `${name} ${index}${volume.label === '' ? '' : ` (${volume.label})`}`,
    description: capturedImageDescription(action),
  }
}

interface Kept {
  readonly action: CaptureOperatingSystemImage
  readonly format: OperatingSystemImage['format']
  readonly system: string
  readonly make: MakeImage
}

async function keep({ action, format, system, make }: Kept, context: StepContext): Promise<StepResult> {
  if (action.destination !== '') {
    const file = await captureFile(action.destination, format, context)
    return kept(await keepAsFile(file, make, context), file.path, context)
  }
  const file = await keepAtSite(format, make, context)
  const { imageId } = await context.site.keepImage({
    name: capturedImageName(action, system, context.variable('_SMSTSMachineName')),
    description: capturedImageDescription(action),
    architecture: context.hardware.architecture,
    format,
    file,
  })
  context.output('log', `The image is the operating system image ${imageId} of the site.`)
  return { exitCode: 0, message: '', variables: [variable('OSDCapturedImageId', imageId)] }
}

function kept(
  file: { readonly sha256: string; readonly bytes: number },
  path: string,
  context: StepContext,
): StepResult {
  context.output('log', `The image is ${path}, ${file.bytes} octets, SHA-256 ${file.sha256}.`)
  return { exitCode: 0, message: '', variables: [variable('OSDCapturedImageFile', path)] }
}
