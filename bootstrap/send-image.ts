/**
 * A captured image on its way to the site (`PUT captured-images/file`). Its octets are made while they are sent, so a broken
 * connection means that they are made again; the server's hash of them must be ours.
 */

import { Readable } from 'node:stream'
import { agentRoutes } from '../server/contract/routes.ts'
import type { CapturedFile, CapturedImage, CapturedImageAnswer } from '../server/contract/agent.ts'
import { parseSha256 } from '../server/site/content.ts'
import type { OperatingSystemImage } from '../server/site/operating-system-image.ts'
import { backOffMs, pause, serverBackOff } from './back-off.ts'
import { hasTexts, isCount, isFields } from './decode-answer.ts'
import type { DownloadSettings } from './download.ts'
import { exchange } from './exchange.ts'
import { Fault } from './fault.ts'
import { StepFailed } from './step-context.ts'

export interface ImageBeingMade {
  readonly octets: AsyncGenerator<Buffer>
  /** After its last octet. */
  readonly made: () => CapturedFile
}

/** What a step that captures asks of the site. */
export interface ImageSite {
  sendImage(format: OperatingSystemImage['format'], begin: () => ImageBeingMade): Promise<CapturedFile>
  /** Makes an operating system image of a file that this run has sent. */
  keepImage(image: Omit<CapturedImage, 'runId'>): Promise<CapturedImageAnswer>
}

export interface Sending {
  readonly settings: Pick<DownloadSettings, 'bases' | 'token' | 'onFault' | 'backOff'>
  readonly format: OperatingSystemImage['format']
  readonly begin: () => ImageBeingMade
}

const triesMax = 3
/** The server looks into the image when it has all of it. */
const silenceMsMax = 15 * 60_000

export async function sendImage({ settings, format, begin }: Sending): Promise<CapturedFile> {
  const { bases, onFault, backOff = serverBackOff } = settings
  for (let tries = 1; ; tries += 1) {
    const base = bases[(tries - 1) % Math.max(bases.length, 1)]
    if (base === undefined) throw new StepFailed('there is no server to send the image to')
    try {
      return await sendOnce(`${base}${agentRoutes.capturedImageFile}?format=${format}`, settings.token(), begin())
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (tries === triesMax) throw new StepFailed(`the image could not be sent: ${error.message}`)
      const waitMs = backOffMs(backOff, tries, Math.random())
      onFault(error, waitMs)
      await pause(waitMs)
    }
  }
}

async function sendOnce(url: string, token: string, { octets, made }: ImageBeingMade): Promise<CapturedFile> {
  const failures: unknown[] = []
  const body = Readable.from(watched(octets, failures), { objectMode: false })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' }
  const answer = await exchange({ method: 'PUT', url, headers, body, timeoutMs: silenceMsMax }).catch(
    (error: unknown) => {
      // What could not be made is no fault of the connection.
      throw failures[0] ?? error
    },
  )
  const value: unknown = parseJson(answer.body)
  if (answer.status !== 200) {
    const detail = isFields(value) && hasTexts(value, 'detail') ? String(value['detail']) : `HTTP ${answer.status}`
    if (answer.status >= 500 || answer.status === 429) throw new Fault('server-error', url, detail)
    throw new StepFailed(`the server does not take the image: ${detail}`)
  }
  const ours = made()
  const theirs = decodeFile(value)
  if (theirs?.sha256 !== ours.sha256 || theirs.bytes !== ours.bytes) {
    throw new Fault('broken', url, `sent were ${ours.bytes} octets of ${ours.sha256}, and others arrived`)
  }
  return ours
}

async function* watched(octets: AsyncGenerator<Buffer>, failures: unknown[]): AsyncGenerator<Buffer> {
  try {
    yield* octets
  } catch (error) {
    failures.push(error)
    throw error
  }
}

function decodeFile(value: unknown): CapturedFile | undefined {
  if (!isFields(value) || !isCount(value['bytes'])) return undefined
  const sha256 = parseSha256(String(value['sha256']))
  return sha256 === undefined ? undefined : { sha256, bytes: value['bytes'] }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
