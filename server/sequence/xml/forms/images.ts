/** The steps of the menus Images and Drivers in the XML of the source system. */

import type { Written } from '../../step-type.ts'
import { flag, type Form, form, list, number, type Said, text, words } from '../form.ts'
import type { Properties } from '../properties.ts'

function readDestination(properties: Properties): Written {
  const [disk, partition] = ['DestinationDisk', 'DestinationPartition'].map((name) => properties.text(name).trim())
  const variable = properties.text('DestinationVariable').trim()
  return {
    ...(variable === '' ? {} : { destinationVariable: variable }),
    ...(partition === undefined || partition === ''
      ? {}
      : { destination: { diskNumber: Number(disk), partitionNumber: Number(partition) } }),
  }
}

function writeDestination({ destination, destinationVariable }: Written): readonly Said[] {
  const same = (property: string, value: unknown): Said => [property, property, String(value)]
  const place: readonly Said[] =
    typeof destination === 'object' &&
    destination !== null &&
    'diskNumber' in destination &&
    'partitionNumber' in destination
      ? [same('DestinationDisk', destination.diskNumber), same('DestinationPartition', destination.partitionNumber)]
      : []
  return [...place, ...(destinationVariable === undefined ? [] : [same('DestinationVariable', destinationVariable)])]
}

function target(say: (property: string) => string): readonly string[] {
  if (say('DestinationVariable') !== '') return [`/target:%${say('DestinationVariable')}%`]
  return say('DestinationPartition') === '' ? [] : [`/target:${say('DestinationDisk')},${say('DestinationPartition')}`]
}

const bootCritical = 'OSDApplyDriverBootCritical'

export const imageForms = {
  'apply-operating-system-image': form({
    rows: {
      ImagePackageID: text('imageId'),
      InstallPackageID: text('upgradePackageId'),
      ImageIndex: number('imageIndex', 'OSDImageIndex'),
      ConfigFilePackage: text('answerFilePackageId'),
      ConfigFileName: text('answerFileName', 'OSDConfigFileName'),
      RunFromNet: flag('accessContentDirectly'),
    },
    read: readDestination,
    write: writeDestination,
    command: (say) =>
      [
        'OSDApplyOS.exe',
        ...(say('ImagePackageID') === '' ? [] : [`/image:${say('ImagePackageID')},%OSDImageIndex%`]),
        ...(say('InstallPackageID') === '' ? [] : [`/install:${say('InstallPackageID')},%OSDInstallEditionIndex%`]),
        ...(say('ConfigFilePackage') === '' ? [] : [`"/config:${say('ConfigFilePackage')},%OSDConfigFileName%"`]),
        ...target(say),
      ].join(' '),
  }),
  'apply-data-image': form({
    rows: {
      ImagePackageID: text('imageId'),
      ImageIndex: number('imageIndex', 'OSDDataImageIndex'),
      WipeDestinationPartition: flag('deleteContentFirst', 'OSDWipeDestinationPartition'),
    },
    read: readDestination,
    write: writeDestination,
    command: (say) =>
      ['OSDApplyOS.exe', `/data:${say('ImagePackageID')},%OSDDataImageIndex%`, ...target(say)].join(' '),
  }),
  'setup-windows-and-configmgr': form({
    rows: {
      ClientPackageID: text('clientPackageId', '_SMSClientPackageID'),
      ClientInstallProperties: text('installationProperties', 'SMSClientInstallProperties'),
    },
    command: 'OSDSetupWindows.exe',
  }),
  'install-deployment-tools': form({
    rows: { SysprepPackageID: text('packageId') },
    command: (say) => `osdprepareos.exe /install:${say('SysprepPackageID')}`,
  }),
  'prepare-configmgr-client-for-capture': form({ command: 'osdpreparesmsclient.exe' }),
  'prepare-windows-for-capture': form({
    prefix: 'OSD',
    rows: {
      BuildStorageDriverList: flag('buildMassStorageList'),
      KeepActivation: flag('doNotResetActivation'),
    },
    command: 'osdprepareos.exe /activate:%OSDKeepActivation% /bmsd:%OSDBuildStorageDriverList%',
  }),
  'capture-operating-system-image': form({
    prefix: 'OSD',
    rows: {
      CaptureDestination: text('destination'),
      ImageDescription: text('description'),
      ImageVersion: text('version'),
      ImageCreator: text('creator'),
      CaptureUsername: text('account', 'OSDCaptureAccount'),
      CapturePassword: text('accountPassword', 'OSDCaptureAccountPassword'),
    },
    command: 'osdcapturesystemimage.exe',
  }),
  'upgrade-operating-system': form({
    prefix: 'OSDUpgrade',
    rows: {
      InstallPackageID: text('upgradePackageId'),
      InstallPath: text('sourcePath'),
      InstallEditionIndex: number('editionIndex'),
      OsProductKey: text('productKey'),
      DriverPackageID: text('driverPackageId'),
      StagedContent: text('driverPath'),
      SetupTimeout: number('timeoutMinutes'),
      ScanOnly: flag('scanOnly'),
      IgnoreMessages: flag('ignoreDismissibleMessages'),
      // The SDK spells it so.
      DynamicUpdateSettings: words('dynamicUpdate', { Disable: false, OveridePolicy: true }),
    },
    fixed: { PreserveSettings: 'Upgrade' },
    command: 'OSDUpgradeOS.exe',
  }),
  'auto-apply-drivers': form({
    prefix: 'OSDAutoApplyDriver',
    rows: {
      BestMatch: words('match', { true: 'best', false: 'all' }),
      CategoryList: list('categories'),
    },
    fixed: { UnsignedDriver: 'false' },
    command: 'osddriverclient.exe /auto /bestmatch:%OSDAutoApplyDriverBestMatch% /unsigned:false',
  }),
  'apply-driver-package': form({
    prefix: 'OSDApplyDriver',
    rows: { DriverPackageID: text('packageId'), Recurse: flag('recurse') },
    fixed: { UnsignedDriver: 'false' },
    read(properties): Written {
      const member = (name: string): string => properties.text(`BootCritical${name}`, bootCritical + name)
      const contentId = member('ContentUniqueID')
      const [hardwareComponent, deviceId, infFile] = ['HardwareComponent', 'ID', 'INFFile'].map((name) => member(name))
      return contentId === '' ? {} : { massStorage: { contentId, hardwareComponent, deviceId, infFile } }
    },
    write: ({ massStorage }) => writeMassStorage(massStorage),
    command: (say) => `osddriverclient.exe /install:${say('DriverPackageID')} /unsigned:false`,
  }),
} as const satisfies Readonly<Record<string, Form>>

function writeMassStorage(value: unknown): readonly Said[] {
  if (typeof value !== 'object' || value === null) return []
  const members: ReadonlyMap<string, unknown> = new Map(Object.entries(value))
  return [
    ['ContentUniqueID', 'contentId'],
    ['HardwareComponent', 'hardwareComponent'],
    ['ID', 'deviceId'],
    ['INFFile', 'infFile'],
  ].map(([name, member = '']) => [`BootCritical${name}`, `${bootCritical}${name}`, String(members.get(member))])
}
