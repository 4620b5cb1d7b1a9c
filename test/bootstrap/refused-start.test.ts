/** After the server refused a deployment, and after the end of a run. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { MachineConsole } from '../../bootstrap/console.ts'
import { runPostAction } from '../../bootstrap/post-action.ts'
import { Redactor } from '../../bootstrap/redactor.ts'
import { afterRefusal, refusalWaits as waits } from '../../bootstrap/refused-start.ts'
import { parseDeploymentId } from '../../server/address/identifiers.ts'
import type { Purpose } from '../../server/site/deployment.ts'
import { makeFolder } from './loop-disk.ts'

function chosen(purpose: Purpose, wasAsked: boolean) {
  const deploymentId = parseDeploymentId('RVL20001')
  if (deploymentId === undefined) throw new Error('a wrong fixture')
  return { choice: { deploymentId, taskSequenceName: 'Install', description: '', purpose }, wasAsked }
}

test('S1-073: missing content ends an available deployment at once, or lets somebody choose again', (t) => {
  t.deepEqual(afterRefusal(chosen('available', false), { kind: 'not-found', failures: 1, random: 1, waits }), {
    kind: 'give-up',
  })
  t.deepEqual(afterRefusal(chosen('available', true), { kind: 'not-found', failures: 1, random: 1, waits }), {
    kind: 'ask-again',
    afterMs: waits.readErrorMs,
  })
})

test('S1-073: a required deployment is tried again, more and more slowly', (t) => {
  const pauses = [1, 2, 3, 50].map((failures) =>
    afterRefusal(chosen('required', false), { kind: 'not-found', failures, random: 1, waits }),
  )
  t.deepEqual(
    pauses.map((pause) => (pause.kind === 'ask-again' ? pause.afterMs : 0)),
    [10_000, 20_000, 40_000, waits.required.mostMs],
  )
})

test('a preferred deployment that the server held back at the last moment is asked for again', (t) => {
  const again = afterRefusal(chosen('available', false), { kind: 'not-armed', failures: 1, random: 1, waits })
  t.deepEqual(again, { kind: 'ask-again', afterMs: 10_000 })
})

test('S3: the command after the end runs, and its failure is only said', async (t) => {
  const folder = makeFolder(t)
  const said: string[] = []
  const redactor = new Redactor()
  redactor.learn('canary-4711')
  const parts = { console: new MachineConsole(redactor, (text) => said.push(text)), redactor }
  await runPostAction(undefined, parts)
  t.deepEqual(said, [])
  await runPostAction(`cat; touch ${join(folder, 'ran')}; echo canary-4711 >&2; exit 3`, parts)
  t.true(existsSync(join(folder, 'ran')))
  t.regex(said.join(''), /It ended with 3, which changes nothing: \*\*\*/)
})
