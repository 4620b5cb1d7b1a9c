/**
 * `PUT /agent/v1/captured-images/file` and `POST /agent/v1/captured-images`: a machine that runs Capture Operating System
 * Image (S2-064) sends its image, and it becomes an operating system image of the site. Only a run whose policy holds that
 * step, switched on, may do so. The octets stream into the content library within the quota of an upload, and are looked
 * into as an administrator's are; the second request is signed, and makes an image of what this very run sent.
 */

import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import type { CapturedFile, CapturedImage, CapturedImageAnswer } from '../../contract/agent.ts'
import { flattenNodes } from '../../sequence/progress.ts'
import { type OperatingSystemImage, rootArchiveFile, wimFile } from '../../site/operating-system-image.ts'
import type { RunRecord } from '../../store/ports.ts'
import { editedValue } from '../api/edit-answer.ts'
import { inspectImageFile } from '../api/inspect-image.ts'
import { uploadedOctets } from '../api/upload.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { bearerToken, hashToken } from '../token.ts'
import { agentProblem } from './agent-problem.ts'
import { capturedImageSchema, imageFormat } from './agent-schemas.ts'
import type { Agents } from './agents.ts'
import { parseMessage } from './parse-message.ts'
import { requireRun } from './run-routes.ts'
import { readSignedRequest } from './signed-request.ts'

const fileNames = { 'root-archive': rootArchiveFile, wim: wimFile } as const satisfies Record<
  OperatingSystemImage['format'],
  string
>

const fileQuery = z.strictObject({ format: imageFormat })

export async function receiveCapturedFile(agents: Agents, request: IncomingMessage): Promise<CapturedFile> {
  const { site: dependencies, capturedFiles } = agents
  const { library, site, store, now, log } = dependencies
  const token = bearerToken(request.headers.authorization)
  const run = token === undefined ? undefined : await store.peekRunToken(hashToken(token), now())
  if (run === undefined) throw agentProblem('unknown-token')
  requireCaptureStep(run)
  const { searchParams } = new URL(request.url ?? '/', 'http://site')
  const { format } = parseMessage(fileQuery, Object.fromEntries(searchParams))
  if (!capturedFiles.begin(run.id)) throw agentProblem('invalid', 'This run has sent as many images as it may.')
  try {
    const { sha256, bytes } = await library.add(uploadedOctets(request, site.uploadBytesMax))
    const file = { name: fileNames[format], sha256, bytes }
    const inspection = await inspectImageFile(library, { file, image: { format } })
    if ('faults' in inspection) throw agentProblem('invalid', inspection.faults.join(' '))
    capturedFiles.end(run.id, { sha256, bytes, format })
    log.info({ run: run.id, device: run.machineName, sha256, bytes }, 'a captured image has arrived')
    return { sha256, bytes }
  } finally {
    capturedFiles.end(run.id)
  }
}

export async function keepCapturedImage(agents: Agents, request: IncomingMessage): Promise<CapturedImageAnswer> {
  const { site: dependencies, capturedFiles } = agents
  const signed = await readSignedRequest(request)
  const captured = parseMessage(capturedImageSchema, signed.document)
  const run = await requireRun(dependencies, signed)
  if (run.id !== captured.runId) throw agentProblem('not-found')
  requireCaptureStep(run)
  const { file, format } = captured
  if (!capturedFiles.has(run.id, { ...file, format })) throw agentProblem('not-found')
  const known = await findKept(dependencies, captured)
  if (known !== undefined) return known
  const answer = await addImage(dependencies, captured)
  const fields = { run: run.id, device: run.machineName, image: answer.imageId }
  dependencies.log.info(fields, 'an operating system image was captured')
  return answer
}

/** A run without it has nothing to send (security A14). */
function requireCaptureStep({ policy }: RunRecord): void {
  const mayCapture = flattenNodes(policy.sequence).some(
    ({ node, enabled }) => enabled && node.kind === 'step' && node.action.type === 'capture-operating-system-image',
  )
  if (!mayCapture) throw agentProblem('not-found')
}

/** The image was made, and the answer lost: the same agent asks again. */
async function findKept(
  { store }: HttpDependencies,
  { name, file }: CapturedImage,
): Promise<CapturedImageAnswer | undefined> {
  const images = await store.operatingSystemImages.list()
  const kept = images.find((image) => image.name === name && image.content?.files[0]?.sha256 === file.sha256)
  return kept?.content === undefined ? undefined : { imageId: kept.id, version: kept.content.version }
}

async function addImage(
  { store, library }: HttpDependencies,
  { name, description, architecture, format, file }: CapturedImage,
): Promise<CapturedImageAnswer> {
  // Nobody names it yet, and it may have been sent long ago.
  if (!(await library.renew(file.sha256))) throw agentProblem('not-found')
  const drafted = await store.operatingSystemImages.create({ name, description, architecture, format })
  const { id } = editedValue(drafted)
  const { version } = editedValue(await store.addContent(id, [{ name: fileNames[format], ...file }]))
  return { imageId: id, version }
}
