/** The command lines of Windows' own migration tool. */

import test from 'ava'
import { loadstateCommandLine, scanstateCommandLine } from '../../bootstrap/usmt.ts'
import type { CaptureUserState } from '../../server/sequence/step-types/capture-user-state.ts'
import type { RestoreUserState } from '../../server/sequence/step-types/restore-user-state.ts'
import { actionOf } from '../support/actions.ts'

const places = { tool: 'C:\\USMT\\amd64', store: '\\\\server\\state\\PC1', keyFile: 'C:\\key', log: 'C:\\log.txt' }

function capture(members: object = {}): CaptureUserState {
  return actionOf({ type: 'capture-user-state', ...members })
}

function restore(members: object = {}): RestoreUserState {
  return actionOf({ type: 'restore-user-state', ...members })
}

test('S2-050: the command line of scanstate', (t) => {
  t.is(
    scanstateCommandLine(capture(), places),
    '"C:\\USMT\\amd64\\scanstate.exe" "\\\\server\\state\\PC1" /o /c /efs:copyraw /encrypt /keyfile:"C:\\key" /i:"C:\\USMT\\amd64\\MigDocs.xml" /i:"C:\\USMT\\amd64\\MigApp.xml" /l:"C:\\log.txt" /v:5',
  )
  const { keyFile: _none, ...linked } = places
  const advanced = {
    mode: 'advanced',
    settingsFiles: ['own.xml'],
    continueOnLockedFiles: false,
    skipEncryptedFiles: true,
    verboseLogging: true,
    useHardLinks: true,
    additionalOptions: '/uel:30',
  }
  t.is(
    scanstateCommandLine(capture(advanced), { ...linked, offlineWindows: 'D:\\Windows' }),
    '"C:\\USMT\\amd64\\scanstate.exe" "\\\\server\\state\\PC1" /o /efs:skip /offlineWinDir:"D:\\Windows" /nocompress /hardlink /i:"C:\\USMT\\amd64\\own.xml" /l:"C:\\log.txt" /v:13 /uel:30',
  )
  t.regex(scanstateCommandLine(capture({ method: 'snapshot' }), places), / \/vsc /)
})

test('S2-051: the command line of loadstate', (t) => {
  t.is(
    loadstateCommandLine(restore({ continueOnRestore: false }), places),
    '"C:\\USMT\\amd64\\loadstate.exe" "\\\\server\\state\\PC1" /decrypt /keyfile:"C:\\key" /i:"C:\\USMT\\amd64\\MigDocs.xml" /i:"C:\\USMT\\amd64\\MigApp.xml" /l:"C:\\log.txt" /v:5',
  )
  t.regex(
    loadstateCommandLine(restore({ restoreLocalAccounts: true, localAccountPassword: 'a"b\\"c\\d\\' }), places),
    / \/c \/lac:"a\\"b\\\\\\"c\\d\\\\" \/lae /,
  )
})
