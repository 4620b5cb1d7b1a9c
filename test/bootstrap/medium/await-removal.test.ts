/** A medium that would be started again is taken away before the machine restarts. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { awaitRemoval } from '../../../bootstrap/medium/await-removal.ts'
import { makeFolder } from '../loop-disk.ts'
import { scriptedKeyboard } from '../wizard/scripted-keyboard.ts'

const page = { heading: 'The task sequence has ended', lines: [] }

test('the wait ends when the medium is gone, or for Enter, or for the word of the page', async (t) => {
  const device = join(makeFolder(t), 'stick')
  writeFileSync(device, 'x'.repeat(512))
  const stick = { device, place: 'removable' } as const
  const { parts } = scriptedKeyboard([])
  let looked = 0
  const readLine = async (): Promise<undefined> => {
    looked += 1
    if (looked === 3) rmSync(device)
  }
  t.is(await awaitRemoval({ ...page, device: stick }, { ...parts, readLine }), 'removed')
  t.is(looked, 3)
  const disk = { device: '/no-such-device', place: 'fixed' } as const
  const word = { text: 'again', does: 'set it up again' }
  const typed = scriptedKeyboard([undefined, 'no', 'Again'])
  t.is(await awaitRemoval({ ...page, device: disk, word }, typed.parts), 'word')
  t.is(await awaitRemoval({ ...page, device: disk }, scriptedKeyboard([undefined, '']).parts), 'removed')
})
