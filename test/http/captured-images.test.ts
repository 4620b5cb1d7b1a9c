/** A machine sends the image it captured, to the real server and with the agent's own sender (S2-064). */

import { createHash } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import { sendImage } from '../../bootstrap/send-image.ts'
import { StepFailed } from '../../bootstrap/step-context.ts'
import { parseSha256 } from '../../server/site/content.ts'
import type { SiteSettings } from '../../server/http/dependencies.ts'
import { rootArchive } from '../support/root-archive.ts'
import { makeWim } from '../support/wim.ts'
import { codeOf, mac, prepare, start } from './agent-site.ts'
import { TestAgent, type TestSite } from './test-site.ts'

const captureStep = { type: 'capture-operating-system-image' }

interface Capturing {
  readonly site: TestSite
  readonly agent: TestAgent
  readonly runToken: string
  readonly runId: string
}

/** A run whose sequence captures, or one that does something else. */
async function startCapture(
  t: ExecutionContext,
  { step = captureStep, ...settings }: { readonly step?: object } & Partial<SiteSettings> = {},
): Promise<Capturing> {
  const prepared = await prepare(settings)
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const deployment = await site.api('GET', `/deployments/${deploymentId}`)
  const taskSequenceId = String(deployment.json['taskSequenceId'])
  const { json } = await site.api('GET', `/task-sequences/${taskSequenceId}`)
  const sequence = { name: 'Capture', children: [{ action: step }] }
  const replaced = await site.api('PUT', `/task-sequences/${taskSequenceId}`, {
    bootImageId: json['bootImageId'],
    enabled: true,
    sequence,
  })
  t.is(replaced.status, 200, replaced.body.toString())
  const { agent, runToken, runId } = await start(prepared, new TestAgent(mac))
  return { site, agent, runToken, runId }
}

function send({ site, runToken }: Capturing, octets: Buffer, format: 'root-archive' | 'wim' = 'root-archive') {
  const made = () => {
    const sha256 = parseSha256(createHash('sha256').update(octets).digest('hex'))
    if (sha256 === undefined) throw new Error('a hash is a hash')
    return { sha256, bytes: octets.length }
  }
  const settings = {
    bases: [`http://127.0.0.1:${site.port}`],
    token: () => runToken,
    onFault: () => {},
    backOff: { firstMs: 1, mostMs: 1 },
  }
  return sendImage({ settings, format, begin: () => ({ octets: inParts(octets), made }) })
}

async function* inParts(octets: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < octets.length; at += 4_000) yield octets.subarray(at, at + 4_000)
}

const path = '/agent/v1/captured-images'
const words = { name: 'Reference', description: 'of the lab', architecture: 'x64' }

test('S2-064: a captured archive becomes an operating system image of the site, once', async (t) => {
  const run = await startCapture(t)
  const { site, agent, runToken, runId } = run
  const octets = await rootArchive('Captured')
  const file = await send(run, octets)
  const message = { runId, ...words, format: 'root-archive', file }
  const kept = await agent.say(site, path, message, runToken)
  t.is(kept.status, 200, kept.body.toString())
  // The answer was lost, and the agent asks again.
  t.deepEqual((await agent.say(site, path, message, runToken)).json, kept.json)
  const { json } = await site.api('GET', `/operating-system-images/${String(kept.json['imageId'])}`)
  t.like(json, {
    ...words,
    format: 'root-archive',
    content: { version: 1, files: [{ name: 'rootfs.tar', sha256: file.sha256, bytes: octets.length }] },
  })
})

test('S2-064: so does a WIM', async (t) => {
  const run = await startCapture(t)
  const file = await send(run, makeWim({ images: ['C'], pipable: true }), 'wim')
  const message = { runId: run.runId, ...words, format: 'wim', file }
  const kept = await run.agent.say(run.site, path, message, run.runToken)
  const { json } = await run.site.api('GET', `/operating-system-images/${String(kept.json['imageId'])}`)
  t.like(json, { format: 'wim', content: { files: [{ name: 'image.wim' }] } })
})

test('A14: a run without the step, or with it switched off, sends nothing', async (t) => {
  const run = await startCapture(t, { step: { type: 'run-command-line', commandLine: 'true' } })
  const octets = await rootArchive('Captured')
  await t.throwsAsync(send(run, octets), {
    instanceOf: StepFailed,
    message: /does not take the image: It is not there/,
  })
  const file = { sha256: '0'.repeat(64), bytes: 1 }
  const message = { runId: run.runId, ...words, format: 'root-archive', file }
  t.is(codeOf(await run.agent.say(run.site, path, message, run.runToken)), 'not-found')
})

test('A03: nor does who has no token of a run', async (t) => {
  const run = await startCapture(t)
  for (const runToken of ['', 'wrong']) {
    await t.throwsAsync(send({ ...run, runToken }, Buffer.from('x')), { message: /The token is not known/ })
  }
})

test('A14: an image is made only of what this run has sent, of the format it was looked into as', async (t) => {
  const run = await startCapture(t)
  const { site, agent, runToken, runId } = run
  const images = await site.api('GET', '/operating-system-images')
  const file = await send(run, await rootArchive('Captured'))
  const total = images.json['total']
  const others = [
    {
      file: {
        ...file,
        sha256: createHash('sha256')
          .update(await rootArchive('Wanted'))
          .digest('hex'),
      },
    },
    { file: { ...file, bytes: file.bytes + 1 } },
    { file, format: 'wim' },
  ]
  for (const other of others) {
    const message = { runId, ...words, format: 'root-archive', ...other }
    t.is(codeOf(await agent.say(site, path, message, runToken)), 'not-found')
  }
  t.is((await site.api('GET', '/operating-system-images')).json['total'], total)
})

test('E01, E04: what arrives is looked into as what an administrator sends', async (t) => {
  const run = await startCapture(t)
  await t.throwsAsync(send(run, Buffer.alloc(10_000, 'x')), {
    message: /does not take the image: It is no tar archive/,
  })
  await t.throwsAsync(send(run, await rootArchive('Captured'), 'wim'), { message: /It is no WIM file/ })
})

test('D05: an image has the quota of an upload, and a run sends so many and no more', async (t) => {
  const run = await startCapture(t, { uploadBytesMax: 20_000 })
  await t.throwsAsync(send(run, Buffer.alloc(30_000)), { message: /may have 20000 octets|could not be sent/ })
  const small = Buffer.from('no archive')
  for (let sent = 0; sent < 16; sent += 1) await t.throwsAsync(send(run, small))
  await t.throwsAsync(send(run, small), { message: /as many images as it may/ })
})

test('I6: octets that cannot be made are the fault of the step, and nothing of them is kept', async (t) => {
  const { site, runToken } = await startCapture(t)
  const settings = { bases: [`http://127.0.0.1:${site.port}`], token: () => runToken, onFault: () => {} }
  const begin = () => ({ octets: failing(), made: () => t.fail() as never })
  await t.throwsAsync(sendImage({ settings, format: 'root-archive', begin }), { message: 'tar ended with 2' })
})

async function* failing(): AsyncGenerator<Buffer> {
  yield Buffer.alloc(100_000)
  throw new StepFailed('tar ended with 2')
}
