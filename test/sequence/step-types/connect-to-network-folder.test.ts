/** Connect To Network Folder as a document: paths and drive letters. */

import test from 'ava'
import { parseNetworkPath } from '../../../server/sequence/step-types/connect-to-network-folder.ts'
import { defaultsOf, faultsOf, resolvesTo } from '../../support/action-macros.ts'

const type = 'connect-to-network-folder'
const path = '\\\\files.example.org\\images'

test('S2-016: a path is enough', defaultsOf, { type, path }, { account: '', password: '' })
test('S2-016: a path is needed', faultsOf, { type }, 'path missing')
test('S2-016: a path has a form', faultsOf, { type, path: 'C:\\Images' }, 'path bad-characters')
for (const driveLetter of ['C:', 'X:', 'x', 'ZZ', '1:']) {
  test(`S2-016: no drive ${driveLetter}`, faultsOf, { type, path, driveLetter }, 'driveLetter out-of-range')
}
for (const driveLetter of ['D:', 'w', 'y:', 'Z:']) {
  test(`S2-016: a drive ${driveLetter}`, faultsOf, { type, path, driveLetter })
}
test(
  'S2-017: variables come before the step',
  resolvesTo,
  { type, path },
  {
    SMSConnectNetworkFolderPath: 'nas:/export',
    SMSConnectNetworkFolderDriveLetter: 'Z:',
    SMSConnectNetworkFolderAccount: 'LAB\\reader',
    SMSConnectNetworkFolderPassword: 'swordfish',
  },
  { path: 'nas:/export', driveLetter: 'Z:', account: 'LAB\\reader', password: 'swordfish' },
)

const reads = test.macro((t, written: string, expected: ReturnType<typeof parseNetworkPath>) => {
  t.deepEqual(parseNetworkPath(written), expected)
})

test('a shared folder', reads, '\\\\nas\\a b', { kind: 'smb', server: 'nas', share: 'a b', folder: '' })
test('a folder in a shared folder', reads, '//nas/a/b\\c/', { kind: 'smb', server: 'nas', share: 'a', folder: 'b/c' })
test('an export', reads, '10.0.0.1:/srv/a', { kind: 'nfs', server: '10.0.0.1', folder: '/srv/a' })
test('an export by IPv6', reads, '[fd00::1]:/srv', { kind: 'nfs', server: 'fd00::1', folder: '/srv' })
test('a folder that climbs out', reads, '\\\\nas\\a\\..\\b', undefined)
test('an export that climbs out', reads, 'nas:/srv/../etc', undefined)
test('a server that looks like an option', reads, '\\\\-o\\a', undefined)
test('a server alone', reads, '\\\\nas', undefined)
