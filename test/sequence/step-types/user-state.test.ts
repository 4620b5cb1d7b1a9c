/** The four steps of user state as documents. */

import test from 'ava'
import { defaultsOf, faultsOf, resolvesTo } from '../../support/action-macros.ts'

const request = { type: 'request-state-store', purpose: 'capture' }
const capture = { type: 'capture-user-state' }
const restore = { type: 'restore-user-state' }

test('S2-049: what a request leaves out', defaultsOf, request, {
  retries: 0,
  retryDelaySeconds: 0,
  fallbackToNetworkAccessAccount: false,
})
test('S2-049: a request says what for', faultsOf, { type: 'request-state-store' }, 'purpose missing')
test('S2-049: at most 600 retries', faultsOf, { ...request, retries: 601 }, 'retries out-of-range')
test(
  'S2-049: the action variables of a request',
  resolvesTo,
  request,
  { OSDStateSMPRetryCount: '600', OSDStateSMPRetryTime: '30', OSDStateFallbackToNAA: 'TRUE' },
  { retries: 600, retryDelaySeconds: 30, fallbackToNetworkAccessAccount: true },
)
test('S2-050: what a capture leaves out', defaultsOf, capture, {
  mode: 'simple',
  settingsFiles: [],
  verboseLogging: false,
  skipEncryptedFiles: false,
  method: 'file-system',
  continueOnLockedFiles: true,
  useHardLinks: false,
  offline: false,
  additionalOptions: '',
})
test('S2-050: advanced needs settings files', faultsOf, { ...capture, mode: 'advanced' }, 'settingsFiles missing')
test(
  'S2-050: a snapshot has neither hard links',
  faultsOf,
  { ...capture, method: 'snapshot', useHardLinks: true },
  'method contradiction',
)
test(
  'S2-050: nor a system that is not running',
  faultsOf,
  { ...capture, method: 'snapshot', offline: true },
  'method contradiction',
)
test(
  'S2-050: the action variables of a capture',
  resolvesTo,
  capture,
  {
    OSDMigrateMode: 'Advanced',
    OSDMigrateConfigFiles: 'a.xml, b.xml',
    OSDMigrateEnableVerboseLogging: 'true',
    OSDMigrateSkipEncryptedFiles: 'true',
    OSDMigrateContinueOnLockedFiles: 'false',
    OSDMigrateAdditionalCaptureOptions: '/x',
  },
  {
    mode: 'advanced',
    settingsFiles: ['a.xml', 'b.xml'],
    verboseLogging: true,
    skipEncryptedFiles: true,
    continueOnLockedFiles: false,
    additionalOptions: '/x',
  },
)
test('S2-051: what a restore leaves out', defaultsOf, restore, {
  mode: 'simple',
  settingsFiles: [],
  restoreLocalAccounts: false,
  localAccountPassword: '',
  continueOnRestore: true,
  verboseLogging: false,
  additionalOptions: '',
})
test(
  'S2-051: restored accounts need the password they get',
  faultsOf,
  { ...restore, restoreLocalAccounts: true, mode: 'advanced' },
  'settingsFiles missing',
  'localAccountPassword missing',
)
test(
  'S2-051: the action variables of a restore',
  resolvesTo,
  restore,
  {
    OSDMigrateLocalAccounts: 'true',
    OSDMigrateLocalAccountPassword: 'Pa%s',
    OSDMigrateContinueOnRestore: 'false',
    OSDMigrateAdditionalRestoreOptions: '/y',
  },
  { restoreLocalAccounts: true, localAccountPassword: 'Pa%s', continueOnRestore: false, additionalOptions: '/y' },
)
test('S2-052: a release has no properties', defaultsOf, { type: 'release-state-store' }, {})
