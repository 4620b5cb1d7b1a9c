/**
 * Prints the iPXE script for one boot decision. Only commands of Debian's iPXE of January 2019 are used
 * (`params`, `poweroff`, `ping`, `vcreate` and others are not in it); every text goes through `encodeIpxeText` and every
 * kernel argument through the allow-list. Addresses come from the configuration only (security B11).
 *
 * Every fetch is tried over HTTP, then over TFTP, then again after a pause, and a machine that cannot get its files
 * goes on to its disk (I04). `prompt` of this iPXE knows one key, so F12 it is, on BIOS and UEFI alike (S6-020).
 */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { MacAddress } from '../address/mac-address.ts'
import { bootImageFiles } from '../site/boot-image.ts'
import { bootImageFilePath, bootImageTftpName } from '../site/boot-paths.ts'
import type { Boot, BootDecision } from './boot-decision.ts'
import { type LocalBoot, localBootLines } from './ipxe-local-boot.ts'
import { encodeIpxeText } from './ipxe-text.ts'
import { allowedKernelArguments } from './kernel-arguments.ts'
import type { ServerUrl } from './server-url.ts'

export interface IpxeScriptContext {
  readonly serverUrl: ServerUrl
  /** Of the card that is booting (I02). Goes along with each HTTP request, so that the transfer is shown in its lane. */
  readonly macAddress: MacAddress
  readonly localBoot: LocalBoot
  /** Where the same files are to be had over TFTP when HTTP fails; absent: nowhere. */
  readonly tftpAddress?: Ipv4Address
  /** The device's name, shown on the screen. */
  readonly machineName?: string
}

/** Ten tries, five seconds apart: longer than a spanning tree port stays closed (R28). */
const triesMax = 10
const pauseSeconds = 5
const messageSeconds = 10
const promptSecondsMax = 3_600
/** `KEY_F12` of iPXE. */
const f12 = '0x197e'

export function printIpxeScript(decision: BootDecision, context: IpxeScriptContext): string {
  const name = encodeIpxeText(context.machineName ?? '')
  const greeting = ['#!ipxe', name === '' ? 'echo Reveille' : `echo Reveille: this is ${name}`]
  switch (decision.kind) {
    case 'boot':
      return printLines([...greeting, ...bootLines(decision, context)])
    case 'continue-to-local-disk':
      return printLines([...greeting, ...localDiskLines(decision.publicText, context)])
    case 'ignore':
      return printLines([...greeting, ...localDiskLines(undefined, context)])
    default:
      return decision satisfies never
  }
}

/** A message that somebody should read stays on the screen for a moment. */
function localDiskLines(message: string | undefined, { localBoot }: IpxeScriptContext): readonly string[] {
  return [
    `echo Reveille: ${encodeIpxeText(message ?? 'Nothing to do.')}`,
    ...(message === undefined ? [] : [`sleep ${messageSeconds}`]),
    'echo Going on to the next boot device.',
    ...localBootLines(localBoot),
  ]
}

function bootLines(decision: Boot, context: IpxeScriptContext): readonly string[] {
  const { bootImage } = decision
  const kernel = fetchCommands('kernel', decision, context)
  const initrd = fetchCommands('initrd', decision, context)
  return [
    `echo Boot image ${encodeIpxeText(bootImage.id)} ${encodeIpxeText(bootImage.name)}`,
    ...promptLines(decision),
    'set reveille-try:int32 0',
    ':fetch',
    'imgfree',
    ...kernel,
    ...initrd,
    'boot || goto again',
    ':again',
    'inc reveille-try',
    `iseq \${reveille-try} ${triesMax} && goto local ||`,
    `echo Reveille: fetching failed, trying again in ${pauseSeconds} seconds`,
    `sleep ${pauseSeconds}`,
    'goto fetch',
    ':local',
    'imgfree',
    'echo Going on to the next boot device.',
    ...localBootLines(context.localBoot),
  ]
}

function promptLines({ prompt }: Boot): readonly string[] {
  if (prompt === undefined) return []
  const seconds = Math.min(Math.max(Math.round(prompt.seconds), 1), promptSecondsMax)
  const text = `Press F12 within ${seconds} seconds to start the deployment`
  return [`prompt --key ${f12} --timeout ${seconds * 1_000} ${text} || goto local`]
}

/** One line a place; the next place is tried only when the one before failed. */
function fetchCommands(
  command: 'kernel' | 'initrd',
  { bootImage }: Boot,
  context: IpxeScriptContext,
): readonly string[] {
  const file = command === 'kernel' ? bootImageFiles.kernel : bootImageFiles.initramfs
  // The decision has no boot image without content; version 0 is never stored, so that fetch would find nothing.
  const version = bootImage.content?.version ?? 0
  const lane = context.macAddress.replaceAll(':', '-')
  const { tftpAddress } = context
  const urls = [`${context.serverUrl}${bootImageFilePath(bootImage.id, version, file)}?lane=${lane}`]
  if (tftpAddress !== undefined) urls.push(`tftp://${tftpAddress}/${bootImageTftpName(bootImage.id, version, file)}`)
  const tail = command === 'kernel' ? ` ${kernelArguments(bootImage.kernelArguments, context).join(' ')}` : ''
  return [`${urls.map((url) => `${command} --name ${file} ${url}${tail}`).join(' || ')} || goto again`]
}

/** The UEFI stub finds the initramfs by the name it has inside iPXE; BIOS ignores `initrd=`. */
function kernelArguments(own: readonly string[], { serverUrl, macAddress }: IpxeScriptContext): readonly string[] {
  return [
    `initrd=${bootImageFiles.initramfs}`,
    `reveille.server=${serverUrl}`,
    `BOOTIF=01-${macAddress.replaceAll(':', '-')}`,
    ...allowedKernelArguments(own),
  ]
}

function printLines(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}
