/** Which folder stays when a volume is emptied. */

import test from 'ava'
import { TargetSystem } from '../../bootstrap/target-system.ts'
import { userStateFolders } from '../../bootstrap/user-state-folder.ts'

const target = new TargetSystem('/target', () => {})

const stays = test.macro((t, path: string, ...expected: readonly string[]) => {
  t.deepEqual(userStateFolders({ target, variable: () => path }), expected)
})

test('S2-053: nothing is named', stays, ' ')
test('S2-053: a path of Windows', stays, 'C:\\_SMSTaskSequence\\UserState', '_SMSTaskSequence/UserState')
test('S2-053: a path of the installed system', stays, '/var/user-state', 'var/user-state')
test('S2-053: a path of the boot image', stays, '/target/userstate/', 'userstate')

test('S2-053: a name that is no folder erases nothing', (t) => {
  for (const path of ['/', 'C:\\', '/target', '/a/../..']) {
    t.throws(() => userStateFolders({ target, variable: () => path }), {
      message: /no folder of the volume: nothing is/,
    })
  }
})
