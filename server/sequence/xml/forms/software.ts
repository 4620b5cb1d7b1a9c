/** The steps of the menus Software and User State in the XML of the source system. */

import { parsePackageId } from '../../../address/identifiers.ts'
import { flag, type Form, form, list, number, type Row, splitList, text, words } from '../form.ts'

/** Applications of the source system are named `ScopeId_…/Application_…`; only ids of a site mean something here. */
const applications: Row = {
  member: 'applications',
  read(value) {
    const ids = splitList(value)
    return ids.every((id) => parsePackageId(id) !== undefined) ? ids : undefined
  },
  write: (value) => list('applications').write(value),
}

/** XML names ids alone; each is taken for a package. */
const packages: Row = {
  member: 'content',
  variable: 'OSDDownloadDownloadPackages',
  read: (value) => splitList(value).map((id) => ({ kind: 'package', id })),
  write(value) {
    const entries: readonly unknown[] = Array.isArray(value) ? value : []
    const ids = entries.map((entry) => (typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : ''))
    return ids.join(',')
  },
}

const modes = words('mode', { Simple: 'simple', Advanced: 'advanced' })

export const softwareForms = {
  'install-application': form({
    rows: {
      ApplicationName: applications,
      BaseVariableName: text('baseVariable'),
      ContinueOnInstallError: flag('continueOnFailure'),
      ClearCache: flag('clearContent', 'OSDAppClearCache'),
      RetryCount: number('retryUnexpectedRestarts'),
    },
    command: (say) =>
      `smsappinstall.exe /app:${say('ApplicationName')} /basevar:${say('BaseVariableName')} /continueOnError:${say('ContinueOnInstallError')}`,
  }),
  'install-package': form({
    rows: {
      PackageID: text('packageId'),
      ProgramName: text('programName', '_SMSSWDProgramName'),
      BaseVariableName: text('baseVariable'),
      ContinueOnInstallError: flag('continueOnFailure'),
    },
    command: (say) =>
      `smsswd.exe /pkg:${say('PackageID')} /install /basevar:${say('BaseVariableName')} /continueOnError:${say('ContinueOnInstallError')}`,
  }),
  'install-software-updates': form({
    rows: {
      Target: words('target', { Mandatory: 'mandatory', All: 'all' }, 'SMSInstallUpdateTarget'),
      UseCache: flag('useCachedScan', 'SMSTSSoftwareUpdateScanUseCache'),
      ScanTimeout: number('scanTimeoutSeconds', 'SMSTSSoftwareUpdateScanTimeout'),
      RetryCount: number('retryUnexpectedRestarts'),
    },
    command: 'TSInstallSWUpdate.exe /target:%SMSInstallUpdateTarget%',
  }),
  'download-package-content': form({
    prefix: 'OSDDownload',
    rows: {
      DownloadPackages: packages,
      DestinationLocationType: words('location', {
        TSCache: 'working-directory',
        CCMCache: 'client-cache',
        Custom: 'custom',
      }),
      DestinationCustomPath: text('customPath', 'OSDDownloadDestinationPath'),
      DestinationVariable: text('pathVariable'),
      ContinueDownloadOnError: flag('continueOnFailure'),
    },
    command: 'OSDDownloadContent.exe',
  }),
  'request-state-store': form({
    prefix: 'OSDState',
    rows: {
      RequestType: words('purpose', { capture: 'capture', restore: 'restore' }),
      SMPRetryCount: number('retries'),
      SMPRetryTime: number('retryDelaySeconds'),
      FallbackToNAA: flag('fallbackToNetworkAccessAccount'),
    },
    command: (say) => `osdsmpclient.exe /${say('RequestType')}`,
  }),
  'capture-user-state': form({
    prefix: 'OSDMigrate',
    rows: {
      UsmtPackageID: text('packageId', '_OSDMigrateUsmtPackageID'),
      Mode: modes,
      ConfigFiles: list('settingsFiles'),
      EnableVerboseLogging: flag('verboseLogging'),
      SkipEncryptedFiles: flag('skipEncryptedFiles'),
      FileAccess: words('method', { Normal: 'file-system', VSS: 'snapshot' }),
      ContinueOnLockedFiles: flag('continueOnLockedFiles'),
      UseHardlinks: flag('useHardLinks', '_OSDMigrateUseHardlinks'),
      OfflineUserState: flag('offline', '_OSDMigrateOfflineUserState'),
    },
    command:
      'osdmigrateuserstate.exe /collect /continueOnError:%OSDMigrateContinueOnLockedFiles% /skipefs:%OSDMigrateSkipEncryptedFiles%',
  }),
  'restore-user-state': form({
    prefix: 'OSDMigrate',
    rows: {
      UsmtRestorePackageID: text('packageId', '_OSDMigrateUsmtRestorePackageID'),
      Mode: modes,
      ConfigFiles: list('settingsFiles'),
      LocalAccounts: flag('restoreLocalAccounts'),
      LocalAccountPassword: text('localAccountPassword'),
      ContinueOnRestore: flag('continueOnRestore'),
      EnableVerboseLogging: flag('verboseLogging'),
    },
    command: 'osdmigrateuserstate.exe /apply /continueOnError:%OSDMigrateContinueOnRestore%',
  }),
  'release-state-store': form({ command: 'osdsmpclient.exe /release' }),
} as const satisfies Readonly<Record<string, Form>>
