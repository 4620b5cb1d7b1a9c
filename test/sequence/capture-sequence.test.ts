/** What capture media run, for what a person has typed. */

import test from 'ava'
import { advance, startRun } from '../../server/sequence/advance.ts'
import { captureSequence } from '../../server/sequence/capture-sequence.ts'
import { printEffect } from '../support/sequences.ts'

function actionsFor(typed: Readonly<Record<string, string>>): readonly string[] {
  const variables = Object.entries(typed).map(([name, value]) => ({ name, value, secret: false }))
  const actions: string[] = []
  let { run, effects } = advance(startRun(captureSequence, variables), { kind: 'start' })
  for (let steps = 0; steps < 9 && run.state.kind === 'running-step'; steps += 1) {
    const last = effects.at(-1)
    if (last !== undefined) actions.push(printEffect(last))
    ;({ run, effects } = advance(run, { kind: 'step-ended', exitCode: 0, message: '', variables: [] }))
  }
  return [...actions, ...(run.state.kind === 'ended' ? [] : [run.state.kind])]
}

test('S7-009 S1-068: the folder and the name that were typed are those of the image', (t) => {
  const [connect, capture, ...more] = actionsFor({
    SMSConnectNetworkFolderPath: '\\\\nas\\images',
    SMSConnectNetworkFolderAccount: 'LAB\\capture',
    SMSConnectNetworkFolderPassword: 'secret-1',
    CaptureFileName: 'reference.wim',
    OSDImageDescription: 'Reference',
  })
  t.true(connect?.includes('"path":"\\\\\\\\nas\\\\images"'), connect)
  t.true(connect?.includes('"account":"LAB\\\\capture","password":"secret-1"'), connect)
  t.true(capture?.includes('"destination":"Z:\\\\reference.wim"'), capture)
  t.true(capture?.includes('"description":"Reference"'), capture)
  t.deepEqual(more, [])
})

test('S7-009: without a name and an account the folder is enough', (t) => {
  const [connect, capture] = actionsFor({ SMSConnectNetworkFolderPath: 'nas:/images' })
  t.true(connect?.includes('"path":"nas:/images"') && connect.includes('"account":""'), connect)
  t.true(capture?.includes('"destination":"Z:'), capture)
})
