/** One action of each step type that XML can say in full, for round trips. */

import type { ActionType } from '../../../server/sequence/step-types.ts'

const image = 'RVL00001'

export const sayableActions: Readonly<Record<ActionType, readonly Readonly<Record<string, unknown>>[]>> = {
  'run-command-line': [
    {
      commandLine: 'setup.exe /quiet',
      packageId: image,
      workingDirectory: 'sub',
      successCodes: [0, 1641, 3010],
      outputVariable: 'Out',
      disable64BitRedirection: true,
    },
    { commandLine: 'a < b & c > "d"\r\n\ttwo', runAsUser: true, userName: 'DOMAIN\\deploy' },
  ],
  'run-powershell-script': [
    { script: 'Write-Output "ä – 日本 😀"\n', parameters: "-Name 'x'", executionPolicy: 'bypass' },
    { packageId: image, scriptName: 'setup.ps1', successCodes: [0], outputVariable: 'Out' },
  ],
  'join-domain-or-workgroup': [
    {
      joinType: 'domain',
      domainName: 'example.org',
      ouName: 'LDAP://OU=PCs,DC=example,DC=org',
      account: 'EXAMPLE\\join',
      skipRestart: true,
    },
    { joinType: 'workgroup', workgroupName: 'LAB' },
  ],
  'connect-to-network-folder': [{ path: '\\\\server\\share', driveLetter: 'Z:', account: 'EXAMPLE\\reader' }],
  'restart-computer': [{ target: 'boot-image', message: 'Soon', timeoutSeconds: 30 }, {}],
  'set-task-sequence-variable': [
    { variable: 'Role', value: '  two\nlines & <more> ' },
    { variable: 'Nothing', value: '' },
  ],
  'set-dynamic-variables': [],
  'check-readiness': [
    {
      minimumMemoryMegabytes: 4096,
      minimumSpeedMegahertz: 0,
      minimumDiskMegabytes: 20480,
      osType: 'server',
      architecture: '64-bit',
    },
    {
      minimumOsVersion: '10.0.19045',
      maximumOsVersion: '11',
      minimumClientVersion: '5.0',
      osLanguage: 'de-DE',
      acPower: true,
      network: true,
      wired: true,
    },
  ],
  'run-task-sequence': [{ taskSequenceId: image }],
  'install-application': [
    { applications: [image, 'RVL00002'], continueOnFailure: true, clearContent: true, retryUnexpectedRestarts: 5 },
    { baseVariable: 'App' },
  ],
  'install-package': [
    { packageId: image, programName: 'Install' },
    { baseVariable: 'Pkg', continueOnFailure: true },
  ],
  'install-software-updates': [
    { target: 'all', useCachedScan: false, scanTimeoutSeconds: 60, retryUnexpectedRestarts: 0 },
  ],
  'download-package-content': [
    {
      content: [{ id: image }, { id: 'RVL00002' }],
      location: 'custom',
      customPath: '/srv/content',
      pathVariable: 'MyContent',
      continueOnFailure: true,
    },
    { content: [{ id: image }], location: 'client-cache' },
  ],
  'format-and-partition-disk': [
    {
      diskNumber: 1,
      diskType: 'gpt',
      partitions: [
        { name: 'EFI', use: 'efi', size: { megabytes: 512 } },
        { use: 'msr' },
        { name: 'Windows', size: { percentOfRemaining: 90 }, fileSystem: 'ntfs', variable: 'OSDisk' },
        { name: 'Raw', size: { percentOfRemaining: 10 }, fileSystem: 'none', quickFormat: false },
      ],
    },
    {
      diskType: 'mbr',
      partitions: [
        { size: { megabytes: 1000 }, fileSystem: 'ntfs', bootable: true },
        { use: 'extended', size: { percentOfRemaining: 100 } },
        { use: 'logical', fileSystem: 'fat32', size: { percentOfRemaining: 100 } },
      ],
    },
  ],
  'convert-disk-to-dynamic': [{ diskNumber: 3 }],
  'enable-bitlocker': [
    {
      drive: 'D:',
      keyMode: 'usb',
      recoveryKey: 'none',
      fullDiskEncryption: true,
      waitForEncryption: true,
      algorithm: 'xts-aes-256',
    },
    {},
  ],
  'disable-bitlocker': [{ drive: 'D:', restarts: 3 }, {}],
  'pre-provision-bitlocker': [{ drive: '%OSDisk%', fullDiskEncryption: true, skipWithoutTpm: false }, { drive: 'C:' }],
  'request-state-store': [
    { purpose: 'capture', retries: 2, retryDelaySeconds: 10, fallbackToNetworkAccessAccount: true },
    { purpose: 'restore' },
  ],
  'capture-user-state': [
    {
      packageId: image,
      mode: 'advanced',
      settingsFiles: ['migapp.xml', 'miguser.xml'],
      verboseLogging: true,
      skipEncryptedFiles: true,
      useHardLinks: true,
      continueOnLockedFiles: false,
    },
    { method: 'snapshot' },
    { offline: true },
  ],
  'restore-user-state': [
    { packageId: image, mode: 'advanced', settingsFiles: ['a.xml'], continueOnRestore: false, verboseLogging: true },
  ],
  'release-state-store': [{}],
  'apply-operating-system-image': [
    {
      imageId: image,
      imageIndex: 4,
      destination: { diskNumber: 0, partitionNumber: 2 },
      answerFilePackageId: 'RVL00002',
      answerFileName: 'unattend.xml',
      accessContentDirectly: true,
    },
    { upgradePackageId: image, destinationVariable: 'OSDisk' },
  ],
  'apply-data-image': [{ imageId: image, destinationVariable: 'Data', deleteContentFirst: false }],
  'setup-windows-and-configmgr': [{ clientPackageId: image, installationProperties: 'SMSMP=mp.example.org FSP=x' }],
  'install-deployment-tools': [{ packageId: image }],
  'prepare-configmgr-client-for-capture': [{}],
  'prepare-windows-for-capture': [{ buildMassStorageList: true, doNotResetActivation: true }],
  'capture-operating-system-image': [
    {
      destination: '\\\\server\\images\\a.wim',
      description: 'Reference\nimage',
      version: '1.2',
      creator: 'Lab',
      account: 'EXAMPLE\\capture',
    },
  ],
  'upgrade-operating-system': [
    {
      upgradePackageId: image,
      editionIndex: 3,
      driverPackageId: 'RVL00002',
      timeoutMinutes: 360,
      scanOnly: true,
      ignoreDismissibleMessages: true,
      dynamicUpdate: true,
    },
    { sourcePath: '%Media%', driverPath: '%Drivers%' },
  ],
  'auto-apply-drivers': [{ match: 'all', categories: ['Dell', 'HP'] }],
  'apply-driver-package': [
    {
      packageId: image,
      recurse: true,
      massStorage: { contentId: 'Content', hardwareComponent: 'scsi', deviceId: 'id', infFile: 'a.inf' },
    },
  ],
  'capture-network-settings': [{ membership: false, adapters: true }],
  'capture-windows-settings': [{ computerName: false, registration: false, timeZone: true }],
  'apply-network-settings': [
    {
      joinType: 'domain',
      domainName: 'example.org',
      account: 'EXAMPLE\\join',
      dnsDomain: 'example.org',
      dnsSuffixes: ['example.org', 'lab.example.org'],
      adapters: [
        {
          name: 'LAN',
          macAddress: '52:54:00:12:34:56',
          dhcp: false,
          addresses: ['192.168.7.20/24', '10.0.0.5/8'],
          gateways: ['192.168.7.1'],
          dnsServers: ['192.168.7.1'],
          dnsDomain: 'example.org',
          registerInDns: false,
          registerWithDomain: true,
          netbios: 'off',
          winsServers: ['192.168.7.2'],
        },
        { cardNumber: 1, dhcp: true },
      ],
    },
    { workgroupName: 'LAB' },
  ],
  'apply-windows-settings': [
    {
      computerName: 'PC-%_SMSTSSerialNumber%',
      registeredUser: 'Lab',
      organization: 'Example & Sons',
      serverLicenseMode: 'per-server',
      serverLicenseConnectionLimit: 10,
      timeZone: 'W. Europe Standard Time',
      locale: 'de-DE',
      userLocale: 'de-DE',
      inputLocale: 'de-DE',
      uiLanguage: 'de-DE',
      uiLanguageFallback: 'en-US',
    },
    {},
  ],
}
