/** The steps of the menu Disks in the XML of the source system. */

import type { Written } from '../../step-type.ts'
import type { Partition } from '../../step-types/format-and-partition-disk.ts'
import { partitionsFromVariables } from '../../step-types/partition-variables.ts'
import { flag, type Form, form, number, type Row, type Said, text, words } from '../form.ts'

const types = {
  primary: 'Primary',
  extended: 'Extended',
  logical: 'Logical',
  hidden: 'Hidden',
  efi: 'EFI',
  msr: 'MSR',
  // What the source system cannot make is the nearest it can.
  'bios-boot': 'Primary',
  swap: 'Primary',
} as const satisfies Record<Partition['use'], string>

const fileSystems: Readonly<Record<string, string>> = { fat32: 'FAT32', ntfs: 'NTFS' }

/** The source system says nothing for the drive of the system. */
const targetDrive: Row = {
  member: 'drive',
  read: (value) => value,
  write: (value) => (value === 'os' ? '' : typeof value === 'string' ? value : undefined),
}

/** Win32_EncryptableVolume, EncryptionMethod; 0 is the usual one. */
const algorithms: Row = {
  ...words('algorithm', { '3': 'aes-128', '4': 'aes-256', '6': 'xts-aes-128', '7': 'xts-aes-256' }),
}

export const diskForms = {
  'format-and-partition-disk': form({
    prefix: 'OSD',
    rows: {
      DiskIndex: number('diskNumber'),
      PartitionStyle: words('diskType', { GPT: 'gpt', MBR: 'mbr' }),
    },
    fixed: { DiskpartBiosCompatibilityMode: 'false' },
    read(properties) {
      const style = properties.text('PartitionStyle', 'OSDPartitionStyle').toLowerCase()
      // How many there are is seen; letters are the machine's business.
      const count = Number(properties.text('Partitions', 'OSDPartitions'))
      for (let index = 0; index < Math.min(count, 256); index += 1)
        properties.find(`OSDPartitions${index}AssignVolumeLetter`)
      return partitionsFromVariables((name) => properties.text(name), { diskType: style === 'mbr' ? 'mbr' : 'gpt' })
    },
    write: ({ partitions }) => writePartitions(Array.isArray(partitions) ? partitions : []),
    command: 'osddiskpart.exe',
  }),
  'convert-disk-to-dynamic': form({
    prefix: 'OSDConvert',
    rows: { DiskIndex: number('diskNumber') },
    command: 'osddiskpart.exe convert %OSDConvertDiskIndex%',
  }),
  'enable-bitlocker': form({
    prefix: 'OSDBitLocker',
    rows: {
      TargetDrive: targetDrive,
      Mode: words('keyMode', { TPM: 'tpm', Key: 'usb', TPMAndKey: 'tpm-and-usb', TPMAndPIN: 'tpm-and-pin' }),
      PIN: text('pin'),
      CreateRecoveryPassword: words('recoveryKey', { AD: 'directory', None: 'none' }),
      EncryptFullDisk: flag('fullDiskEncryption'),
      WaitForEncryption: flag('waitForEncryption'),
      EncryptMethod: algorithms,
    },
    fixed: { SkipWhenNoValidTPM: 'false' },
    command: (say) =>
      [
        'OSDBitLocker.exe /enable',
        ...withValue('/drive:', say('TargetDrive')),
        `/wait:${say('WaitForEncryption')}`,
        `/mode:${say('Mode')}`,
        `/pwd:${say('CreateRecoveryPassword')}`,
      ].join(' '),
  }),
  'disable-bitlocker': form({
    prefix: 'OSDBitLocker',
    rows: { TargetDrive: targetDrive, RebootCount: number('restarts') },
    command: (say) => ['OSDBitLocker.exe /disable', ...withValue('/drive:', say('TargetDrive'))].join(' '),
  }),
  'pre-provision-bitlocker': form({
    prefix: 'OSDOfflineBitLocker',
    rows: {
      EncryptFullDisk: flag('fullDiskEncryption'),
      SkipWhenTPMInvalid: flag('skipWithoutTpm'),
    },
    read(properties): Written {
      const variable = properties.text('DestinationVariable')
      const drive = variable === '' ? properties.text('DestinationLogicalDrive') : `%${variable}%`
      return drive === '' ? {} : { drive }
    },
    write({ drive }): readonly Said[] {
      const value = String(drive)
      const variable = /^%([^%]+)%$/.exec(value)?.[1]
      const property = variable === undefined ? 'DestinationLogicalDrive' : 'DestinationVariable'
      return [[property, `OSDOfflineBitLocker${property}`, variable ?? value]]
    },
    command: 'OSDOfflineBitLocker.exe /enable',
  }),
} as const satisfies Readonly<Record<string, Form>>

function writePartitions(partitions: readonly Partition[]): readonly Said[] {
  const said = (property: string, value: string): Said => [`Partitions${property}`, `OSDPartitions${property}`, value]
  return [
    said('', String(partitions.length)),
    ...partitions.flatMap((partition, index): readonly Said[] => {
      const { use, size, fileSystem, name, bootable, quickFormat, variable } = partition
      return [
        said(`${index}Type`, types[use]),
        said(`${index}Size`, String('megabytes' in size ? size.megabytes : size.percentOfRemaining)),
        said(`${index}SizeUnits`, 'megabytes' in size ? 'MB' : 'Percent'),
        said(`${index}FileSystem`, fileSystems[fileSystem] ?? ''),
        said(`${index}VolumeName`, name),
        said(`${index}VolumeLetterVariable`, variable ?? ''),
        said(`${index}Bootable`, String(bootable)),
        said(`${index}QuickFormat`, String(quickFormat)),
      ]
    }),
  ]
}

function withValue(option: string, value: string): readonly string[] {
  return value === '' ? [] : [option + value]
}
