/**
 * The site's state migration point, as the steps of user state ask it (contract/agent.ts): signed questions over the run's
 * line, and chunks with its token, each tried again when the connection breaks.
 */

import { createDecipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto'
import { type StateStorePurpose, stateKeyInfo } from '../server/contract/agent.ts'
import { agentRoutes } from '../server/contract/routes.ts'
import { backOffMs, pause, serverBackOff } from './back-off.ts'
import { hasTexts, isCount, isFields } from './decode-answer.ts'
import type { DownloadSettings } from './download.ts'
import { type Answer, exchange } from './exchange.ts'
import { Fault } from './fault.ts'
import type { RunLink } from './run-link.ts'
import type { StateStoreSite } from './state-store.ts'
import { StepFailed } from './step-context.ts'

type Settings = Pick<DownloadSettings, 'bases' | 'token' | 'onFault' | 'backOff'>

export function siteStateStores(link: Pick<RunLink, 'ask'>, settings: Settings): StateStoreSite {
  const nothing = (value: unknown): object | undefined => (isFields(value) ? value : undefined)
  return {
    request: async (purpose) => {
      const storeId = await link.ask(agentRoutes.stateStores, { purpose }, (value) =>
        isFields(value) && hasTexts(value, 'storeId') ? String(value['storeId']) : undefined,
      )
      return storeId === '' ? undefined : storeId
    },
    open: async (storeId, purpose) => openStore(link, storeId, purpose),
    putChunk: async (storeId, index, octets) => {
      await transfer(settings, { method: 'PUT', path: agentRoutes.stateStoreChunk, storeId, index, octets })
    },
    getChunk: async (storeId, index) =>
      (await transfer(settings, { method: 'GET', path: agentRoutes.stateStoreCapturedChunk, storeId, index })).body,
    captured: async (storeId, chunks) => {
      await link.ask(agentRoutes.stateStoreCaptured, { storeId, chunks }, nothing)
    },
    release: async (storeId) => {
      await link.ask(agentRoutes.stateStoreRelease, { storeId }, nothing)
    },
  }
}

/** The DER prefix of an X25519 public key (RFC 8410 section 4). */
const x25519Prefix = Buffer.from('302a300506032b656e032100', 'hex')

async function openStore(
  link: Pick<RunLink, 'ask'>,
  storeId: string,
  purpose: StateStorePurpose,
): Promise<{ readonly key: Uint8Array; readonly chunks: number }> {
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  const ours = publicKey.export({ type: 'spki', format: 'der' }).subarray(x25519Prefix.length)
  const asked = { storeId, purpose, sealingKey: ours.toString('base64') }
  return link.ask(agentRoutes.stateStoreKey, asked, (value) => {
    if (!isFields(value) || !hasTexts(value, 'ephemeralKey', 'sealedKey') || !isCount(value['chunks'])) return undefined
    const theirs = Buffer.from(String(value['ephemeralKey']), 'base64')
    const sealed = Buffer.from(String(value['sealedKey']), 'base64')
    try {
      const key = createPublicKey({ key: Buffer.concat([x25519Prefix, theirs]), format: 'der', type: 'spki' })
      const secret = diffieHellman({ privateKey, publicKey: key })
      const wrapping = Buffer.from(hkdfSync('sha256', secret, Buffer.concat([theirs, ours]), stateKeyInfo, 32))
      const decipher = createDecipheriv('aes-256-gcm', wrapping, Buffer.alloc(12))
      decipher.setAuthTag(sealed.subarray(-16))
      return {
        key: Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]),
        chunks: value['chunks'],
      }
    } catch {
      return undefined
    }
  })
}

interface Chunk {
  readonly method: 'GET' | 'PUT'
  readonly path: string
  readonly storeId: string
  readonly index: number
  readonly octets?: Buffer
}

/** Minutes of trying with the pauses between, which a restart of the server does not outlast. */
const triesMax = 8
const silenceMsMax = 60_000

async function transfer(settings: Settings, chunk: Chunk): Promise<Answer> {
  const { bases, onFault, backOff = serverBackOff } = settings
  for (let tries = 1; ; tries += 1) {
    const base = bases[(tries - 1) % Math.max(bases.length, 1)]
    if (base === undefined) throw new StepFailed('there is no server that keeps user state')
    try {
      return await transferOnce(base, settings.token(), chunk)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (tries === triesMax) throw new StepFailed(`user state could not be transferred: ${error.message}`)
      const waitMs = backOffMs(backOff, tries, Math.random())
      onFault(error, waitMs)
      await pause(waitMs)
    }
  }
}

async function transferOnce(base: string, token: string, chunk: Chunk): Promise<Answer> {
  const { method, path, storeId, index, octets } = chunk
  const url = `${base}${path}?store=${storeId}&index=${index}`
  const headers = {
    authorization: `Bearer ${token}`,
    ...(octets === undefined ? {} : { 'content-type': 'application/octet-stream' }),
  }
  const body = octets === undefined ? {} : { body: octets }
  const answer = await exchange({ method, url, headers, timeoutMs: silenceMsMax, ...body })
  if (answer.status === 200) return answer
  const detail = detailOf(answer)
  if (answer.status >= 500 || answer.status === 429) throw new Fault('server-error', url, detail)
  throw new StepFailed(`the server does not ${method === 'PUT' ? 'take' : 'give'} user state: ${detail}`)
}

function detailOf({ body, status }: Answer): string {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isFields(value) && hasTexts(value, 'detail') ? String(value['detail']) : `HTTP ${status}`
  } catch {
    return `HTTP ${status}`
  }
}
