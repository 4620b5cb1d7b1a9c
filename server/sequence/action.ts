/**
 * What each step type does, as data: one interface per type, named as the field names it (S2).
 * Text may contain `%name%`; the engine replaces it before the action is handed out (S1-060).
 */

export type Action =
  | SetTaskSequenceVariable
  | RunCommandLine
  | FormatAndPartitionDisk
  | ApplyOperatingSystemImage
  | ApplyNetworkSettings
  | ApplyWindowsSettings
  | SetupWindowsAndConfigMgr
  | RestartComputer

export type ActionType = Action['type']

/** The name a person sees, as the source document prints it. */
export const actionTitles = {
  'set-task-sequence-variable': 'Set Task Sequence Variable',
  'run-command-line': 'Run Command Line',
  'format-and-partition-disk': 'Format and Partition Disk',
  'apply-operating-system-image': 'Apply Operating System Image',
  'apply-network-settings': 'Apply Network Settings',
  'apply-windows-settings': 'Apply Windows Settings',
  'setup-windows-and-configmgr': 'Setup Windows and ConfigMgr',
  'restart-computer': 'Restart Computer',
} as const satisfies Record<ActionType, string>

export interface SetTaskSequenceVariable {
  readonly type: 'set-task-sequence-variable'
  readonly variable: string
  /** Empty deletes the variable (S1-054). */
  readonly value: string
  /** "Do not display this value". */
  readonly secret: boolean
}

export interface RunCommandLine {
  readonly type: 'run-command-line'
  readonly commandLine: string
  /** Default: `/`. In the boot image the applied system, if there is one, is `%OSDTargetSystemRoot%`. */
  readonly workingDirectory: string
  /** Default 0 and 3010 (S1-018). */
  readonly successCodes: readonly number[]
  /** Name of a variable that receives standard output, up to 4,000 characters. */
  readonly outputVariable?: string
  /** Runs inside the applied operating system (chroot) when in the boot image. */
  readonly inTargetSystem: boolean
}

export interface FormatAndPartitionDisk {
  readonly type: 'format-and-partition-disk'
  /** Counts from 0 over the machine's fixed disks, in the order the agent reports them. */
  readonly diskNumber: number
  readonly diskType: 'mbr' | 'gpt'
  readonly partitions: readonly Partition[]
}

export interface Partition {
  readonly name: string
  /** `bios-boot` holds GRUB on GPT disks of BIOS machines; `efi` is the EFI system partition. */
  readonly use: 'primary' | 'efi' | 'bios-boot' | 'swap'
  /** Of the space that the fixed sizes leave, or a fixed size in MiB. */
  readonly size: { readonly percentOfRemaining: number } | { readonly megabytes: number }
  readonly fileSystem: 'ext4' | 'xfs' | 'fat32' | 'ntfs' | 'none'
  /** The active partition of an MBR disk. */
  readonly bootable: boolean
  /** Receives the device name, such as `/dev/sda2`. */
  readonly variable?: string
}

export interface ApplyOperatingSystemImage {
  readonly type: 'apply-operating-system-image'
  /** Package id of the operating system image. */
  readonly imageId: string
  /** Name of a variable with the partition; absent: the first formatted `primary` partition. */
  readonly destinationVariable?: string
}

export interface ApplyNetworkSettings {
  readonly type: 'apply-network-settings'
  /** In the order of the machine's network cards, boot card first; none: every card uses DHCP. */
  readonly adapters: readonly NetworkAdapter[]
  readonly dnsDomain: string
}

export interface NetworkAdapter {
  readonly dhcp: boolean
  /** `address/prefix length`, such as `192.168.7.20/24`. */
  readonly addresses: readonly string[]
  readonly gateways: readonly string[]
  readonly dnsServers: readonly string[]
}

export interface ApplyWindowsSettings {
  readonly type: 'apply-windows-settings'
  /** Becomes the host name; default `%OSDComputerName%`, then the device's name. */
  readonly computerName: string
  readonly registeredUser: string
  readonly organization: string
  /** IANA name, such as `Europe/Berlin`; empty leaves the image's. */
  readonly timeZone: string
  /** POSIX locale, such as `en_US.UTF-8`; empty leaves the image's. */
  readonly locale: string
}

/** Installs the boot loader and the client; the sequence goes on in the installed system after a restart. */
export interface SetupWindowsAndConfigMgr {
  readonly type: 'setup-windows-and-configmgr'
}

export interface RestartComputer {
  readonly type: 'restart-computer'
  readonly target: 'boot-image' | 'installed-system'
  /** Up to 512 characters (S1-048). */
  readonly message: string
  readonly timeoutSeconds: number
}
