/**
 * What Windows runs for Capture and Restore User State (S2-050, S2-051): command lines of scanstate and loadstate. The key
 * of the store is in a file (`/keyfile`), since a command line can be read by everybody. Pure.
 */

import type { CaptureUserState } from '../server/sequence/step-types/capture-user-state.ts'
import type { RestoreUserState } from '../server/sequence/step-types/restore-user-state.ts'

export interface UsmtPlaces {
  /** Of the migration tool, for the processor of the machine. */
  readonly tool: string
  readonly store: string
  /** Absent: hard links, which are not encrypted. */
  readonly keyFile?: string
  readonly log: string
  /** Of a Windows that is not running. */
  readonly offlineWindows?: string
}

const usualFiles = ['MigDocs.xml', 'MigApp.xml']

export function scanstateCommandLine(action: CaptureUserState, places: UsmtPlaces): string {
  const { tool, store, offlineWindows } = places
  return [
    quoted(`${tool}\\scanstate.exe`),
    quoted(store),
    '/o',
    ...(action.continueOnLockedFiles ? ['/c'] : []),
    ...(action.method === 'snapshot' ? ['/vsc'] : []),
    ...(action.skipEncryptedFiles ? ['/efs:skip'] : ['/efs:copyraw']),
    ...(offlineWindows === undefined ? [] : [`/offlineWinDir:${quoted(offlineWindows)}`]),
    ...storeOptions(places, '/encrypt'),
    ...commonOptions(action, places),
  ].join(' ')
}

/** The password of restored accounts stands in the command line, because loadstate takes it nowhere else. */
export function loadstateCommandLine(action: RestoreUserState, places: UsmtPlaces): string {
  const { tool, store } = places
  const accounts = [`/lac:${verbatim(action.localAccountPassword)}`, '/lae']
  return [
    quoted(`${tool}\\loadstate.exe`),
    quoted(store),
    ...(action.continueOnRestore ? ['/c'] : []),
    ...(action.restoreLocalAccounts ? accounts : []),
    ...storeOptions(places, '/decrypt'),
    ...commonOptions(action, places),
  ].join(' ')
}

function storeOptions({ keyFile }: UsmtPlaces, word: '/encrypt' | '/decrypt'): readonly string[] {
  return keyFile === undefined ? ['/nocompress', '/hardlink'] : [word, `/keyfile:${quoted(keyFile)}`]
}

type Common = Pick<
  CaptureUserState | RestoreUserState,
  'mode' | 'settingsFiles' | 'verboseLogging' | 'additionalOptions'
>

function commonOptions(action: Common, { tool, log }: UsmtPlaces): readonly string[] {
  const files = action.mode === 'advanced' ? action.settingsFiles : usualFiles
  const more = action.additionalOptions.trim()
  return [
    ...files.map((file) => `/i:${quoted(`${tool}\\${file}`)}`),
    `/l:${quoted(log)}`,
    action.verboseLogging ? '/v:13' : '/v:5',
    ...(more === '' ? [] : [more]),
  ]
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '').replace(/\\+$/, '')}"`
}

/** As programs of Windows take their command line apart: nothing of a password may be lost. */
function verbatim(text: string): string {
  return `"${text.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')}"`
}
