/**
 * A virtual machine with real firmware on a private network: SeaBIOS with an iPXE ROM, or OVMF (UEFI).
 * Software emulation only: the kernel's own virtualisation is not to be relied on where tests run.
 */

import { once } from 'node:events'
import { copyFile, mkdir, open } from 'node:fs/promises'
import { createWriteStream, existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { addTap, removeLink } from './network.ts'
import type { Bridge } from './network.ts'
import { type Program, startProgram } from './program.ts'
import { streamTo } from './tagged-port.ts'
import { waitUntil } from '../wait-for.ts'

export interface VirtualMachineOptions {
  readonly name: string
  readonly directory: string
  /** Absent: its network card is there, and has no cable. */
  readonly bridge?: Bridge
  readonly macAddress: string
  /** Another network card, behind the first one, with a cable to a socket: a port of tagged-port.ts. */
  readonly secondCard?: { readonly macAddress: string; readonly socket: string }
  /**
   * `uefi-http`: OVMF with PXE switched off, so that it boots over HTTP. `uefi-secure`: it starts only what is signed, with the keys of
   * Microsoft as machines are delivered.
   */
  readonly firmware: 'bios' | 'uefi' | 'uefi-http' | 'uefi-secure'
  /** What is put into it before it is switched on, and started from first: an image, as a disc in its drive or as a stick. */
  readonly medium?: { readonly file: string; readonly as: 'disc' | 'stick' }
  /** Raw disk; made sparse when it does not exist. */
  readonly disk?: {
    readonly file: string
    readonly megabytes: number
    /** Started from before the network, once something on it starts. */
    readonly first?: boolean
  }
  /** Raw disks that are there already, behind that one. */
  readonly moreDisks?: readonly string[]
  readonly smbiosGuid?: string
  /** Its processor does nothing until it is woken. */
  readonly asleep?: boolean
  /** It has a TPM 2.0, whose state lies in this folder. */
  readonly tpmFolder?: string
}

export interface VirtualMachine {
  /** Everything the serial line printed so far. */
  serial(): string
  waitForSerial(pattern: RegExp, timeoutMs: number): Promise<void>
  /** What a person does at the keyboard of the serial line. */
  type(text: string): void
  /** A key of the keyboard that the firmware reads, as QEMU names it: `f12`. */
  pressKey(key: string): Promise<void>
  /** Another image into the drive that `medium` is in; undefined: the drive is empty. A machine that uses the old one holds it fast. */
  changeMedium(file: string | undefined): Promise<void>
  /** What its network card does with a packet that is for it. */
  wake(): Promise<void>
  /** How its process ended, or that the firmware gave up; undefined while the machine is doing something. */
  ending(): string | undefined
  /** Pulls the plug. */
  stop(): Promise<void>
}

/** What SeaBIOS and OVMF say when no device starts; they stay there for good. */
const gaveUp = /No bootable (?:device|option)/

export async function startVirtualMachine(options: VirtualMachineOptions): Promise<VirtualMachine> {
  await mkdir(options.directory, { recursive: true })
  const tap =
    options.bridge === undefined ? undefined : await addTap(options.bridge, `tap-${options.name}`.slice(0, 15))
  const tpm = options.tpmFolder === undefined ? undefined : await startTpm(options.tpmFolder)
  const args = [
    ...machineArguments(options),
    ...(tpm?.arguments ?? []),
    ...(await firmwareArguments(options)),
    ...networkArguments(options, tap),
    ...mediumArguments(options),
    ...(await diskArguments(options)),
    ...(options.moreDisks ?? []).flatMap(moreDiskArguments),
  ]
  const log = createWriteStream(join(options.directory, `${options.name}.serial.log`))
  const program = await startProgram(['qemu-system-x86_64', ...args], { onSaid: (text) => void log.write(text) })
  const exited = program.exited.then(async () => {
    log.end()
    await tpm?.program.stop('SIGTERM')
    if (tap !== undefined) await removeLink(tap)
  })
  return {
    serial: () => program.said(),
    async waitForSerial(pattern, timeoutMs) {
      await program.says(pattern, timeoutMs)
    },
    type: (keys) => void program.input.write(keys),
    pressKey: (key) => tellMonitor(monitorSocket(options), `sendkey ${key}\n`),
    changeMedium: (file) =>
      tellMonitor(
        monitorSocket(options),
        file === undefined ? 'eject medium\n' : `change medium ${file} raw read-only\n`,
      ),
    wake: () => tellMonitor(monitorSocket(options), 'cont\n'),
    ending: () => program.ending() ?? gaveUp.exec(program.said())?.[0],
    async stop() {
      await program.stop()
      await exited
    },
  }
}

/** It ends by itself when the machine lets go of it. */
async function startTpm(folder: string): Promise<{ readonly program: Program; readonly arguments: readonly string[] }> {
  await mkdir(folder, { recursive: true })
  const socket = join(folder, 'socket')
  const control = `type=unixio,path=${socket}`
  const program = await startProgram(['swtpm', 'socket', '--tpm2', '--tpmstate', `dir=${folder}`, '--ctrl', control])
  await waitUntil('the TPM to listen', () => existsSync(socket), { withinMs: 10_000 })
  const device = ['-tpmdev', 'emulator,id=tpm0,chardev=tpm0', '-device', 'tpm-tis,tpmdev=tpm0']
  return { program, arguments: ['-chardev', `socket,id=tpm0,path=${socket}`, ...device] }
}

function monitorSocket({ directory, name }: VirtualMachineOptions): string {
  return join(directory, `${name}.monitor`)
}

async function tellMonitor(path: string, command: string): Promise<void> {
  const monitor = connect(path)
  let said = ''
  monitor.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(monitor, 'connect')
  monitor.end(command)
  await once(monitor, 'close')
  const [error] = /^Error: .*/m.exec(said) ?? []
  if (error !== undefined) throw new Error(`${command.trim()}: ${error}`)
}

function machineArguments(options: VirtualMachineOptions): string[] {
  const system = ['type=1', 'manufacturer=Reveille', 'product=Virtual machine', `serial=SN-${options.name}`]
  return [
    '-name',
    options.name,
    '-machine',
    // Without graphics SeaBIOS shows on the serial line what it and iPXE print.
    options.firmware === 'bios' ? 'pc,graphics=off' : `q35${options.firmware === 'uefi-secure' ? ',smm=on' : ''}`,
    '-accel',
    'tcg,thread=multi',
    // Copying by the octet, as new processors do best, is slow where each octet is a turn of software.
    '-cpu',
    'max,-erms,-fsrm',
    '-smp',
    '1',
    '-m',
    '1024',
    '-display',
    'none',
    '-serial',
    'stdio',
    '-monitor',
    `unix:${monitorSocket(options)},server=on,wait=off`,
    '-nodefaults',
    '-vga',
    'std',
    '-object',
    'rng-random,id=rng0,filename=/dev/urandom',
    '-device',
    'virtio-rng-pci,rng=rng0',
    '-smbios',
    system.join(','),
    ...(options.smbiosGuid === undefined ? [] : ['-uuid', options.smbiosGuid]),
    ...(options.asleep === true ? ['-S'] : []),
  ]
}

async function firmwareArguments(options: VirtualMachineOptions): Promise<string[]> {
  if (options.firmware === 'bios') return []
  const variables = join(options.directory, `${options.name}.vars.fd`)
  const isSecure = options.firmware === 'uefi-secure'
  await copyFile(`/usr/share/OVMF/OVMF_VARS_4M${isSecure ? '.ms' : ''}.fd`, variables)
  const pxe = options.firmware === 'uefi' ? 'yes' : 'no'
  return [
    // Only in system management mode may variables be written: what is signed for cannot be changed by what was started.
    ...(isSecure ? ['-global', 'driver=cfi.pflash01,property=secure,value=on'] : []),
    '-drive',
    `if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M${isSecure ? '.secboot' : ''}.fd`,
    '-drive',
    `if=pflash,format=raw,unit=1,file=${variables}`,
    '-fw_cfg',
    `name=opt/org.tianocore/IPv4PXESupport,string=${pxe}`,
    '-fw_cfg',
    'name=opt/org.tianocore/IPv6PXESupport,string=no',
  ]
}

function networkArguments(
  { firmware, macAddress, secondCard }: VirtualMachineOptions,
  tap: string | undefined,
): string[] {
  // OVMF drives virtio-net itself; its PXE and HTTP are then the firmware's own and not those of iPXE's ROM.
  const rom = firmware === 'bios' ? '' : ',romfile='
  const card = `virtio-net-pci,mac=${macAddress},bootindex=1${rom}`
  const first =
    tap === undefined
      ? ['-device', card]
      : ['-netdev', `tap,id=net0,ifname=${tap},script=no,downscript=no`, '-device', `${card},netdev=net0`]
  if (secondCard === undefined) return first
  const second = `virtio-net-pci,mac=${secondCard.macAddress},netdev=net1${rom}`
  return [...first, '-netdev', streamTo(secondCard.socket, 'net1'), '-device', second]
}

function mediumArguments({ medium, firmware }: VirtualMachineOptions): string[] {
  if (medium === undefined) return []
  const drive = ['-drive', `if=none,id=medium,format=raw,readonly=on,file=${medium.file}`]
  if (medium.as === 'stick') {
    const stick = 'usb-storage,drive=medium,removable=on,serial=STICK-1,bootindex=0'
    return [...drive, '-device', 'qemu-xhci', '-device', stick]
  }
  // The drive of the machine's own chipset: IDE, or SATA.
  const bus = firmware === 'bios' ? 'ide.1' : 'ide.2'
  return [...drive, '-device', `ide-cd,drive=medium,bus=${bus},bootindex=0`]
}

async function diskArguments(options: VirtualMachineOptions): Promise<string[]> {
  if (options.disk === undefined) return []
  const file = await open(options.disk.file, 'a')
  await file.truncate(options.disk.megabytes * 1024 * 1024)
  await file.close()
  return [
    '-drive',
    `if=none,id=disk0,format=raw,file=${options.disk.file},cache=unsafe,discard=unmap`,
    '-device',
    `virtio-blk-pci,drive=disk0,bootindex=${options.disk.first === true ? 0 : 2}`,
  ]
}

function moreDiskArguments(file: string, index: number): readonly string[] {
  const id = `disk${index + 1}`
  const drive = `if=none,id=${id},format=raw,file=${file},cache=unsafe`
  return ['-drive', drive, '-device', `virtio-blk-pci,drive=${id},bootindex=${index + 3}`]
}
