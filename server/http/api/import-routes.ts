/**
 * Imports of what other sites exported (S11-004): the archive, the files that the library lacks, and then the word to carry it
 * out. Until then nothing is created.
 */

import { z } from 'zod'
import { ContentError } from '../../content/content-error.ts'
import { bundleBytesMax, bundleUnpackedBytesMax, readBundle } from '../../content/read-bundle.ts'
import type { ContentFile } from '../../site/content.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { type JsonLimits, parseJson, readBody } from '../json-body.ts'
import { notFound, Problem } from '../problem.ts'
import { originOf } from './editor.ts'
import { type Bundle, bundleSchema, exchangedKind, secretLeftOut } from './exchange/bundle.ts'
import { carryOutImport, hasFile, type Imported } from './exchange/carry-out-import.ts'
import { type PendingImport, PendingImports } from './exchange/pending-imports.ts'
import { importActions, planImport, type PlannedObject } from './exchange/plan-import.ts'
import { sha256 } from './fields.ts'
import { type ApiRoute, defineRoute, faultsOf } from './route.ts'
import { requireMedia, uploadedOctets } from './upload.ts'

export function importRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const imports = new PendingImports(dependencies.now)
  return [
    startRoute(dependencies, imports),
    sendFileRoute(dependencies, imports),
    completeRoute(dependencies, imports),
    dropRoute(imports),
  ]
}

const pendingView = z
  .object({
    id: z.string(),
    siteCode: z.string(),
    comment: z.string(),
    content: z.boolean().meta({ description: 'Files belong to it; without them it is not carried out' }),
    expiresAtMs: z.number(),
    objects: z.array(
      z.object({
        key: z.string(),
        kind: exchangedKind,
        id: z.string().meta({ description: 'In the site it comes from' }),
        name: z.string(),
        existing: z.object({ id: z.string(), name: z.string() }).optional(),
        actions: z.array(z.enum(importActions)),
        action: z.enum(importActions).meta({ description: 'Unless another is given' }),
        files: z.number().int(),
        bytes: z.number(),
      }),
    ),
    missingFiles: z
      .array(z.object({ key: z.string(), name: z.string(), sha256: z.string(), bytes: z.number() }))
      .meta({ description: 'What the library lacks, each once' }),
  })
  .meta({ id: 'PendingImport' })

const documentLimits: JsonLimits = { bytesMax: bundleUnpackedBytesMax, depthMax: 220, keysMax: 4_000_000 }

function startRoute({ store, library }: HttpDependencies, imports: PendingImports): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/task-sequences/imports',
    summary: 'Look into an export: what is in it, what is here already, and which files are missing',
    octets: true,
    answers: { 201: pendingView },
    answer: async ({ request }) => {
      requireMedia(request, ['application/zip', 'application/octet-stream'])
      const read = await readBundle(await readBody(request, bundleBytesMax))
      if (read.kind === 'refused') {
        throw new Problem(422, {
          detail: `The archive is no export of task sequences. ${read.fault}`,
          code: 'not-an-export',
        })
      }
      const planned = await planImport(store, parseBundle(read.octets))
      if (planned.kind === 'refused') {
        throw new Problem(422, { detail: 'The export cannot be imported.', faults: planned.faults })
      }
      const pending = imports.add(planned.plan)
      return { status: 201, body: await showPending(pending, library) }
    },
  })
}

function parseBundle(octets: Buffer): Bundle {
  const parsed = bundleSchema.safeParse(parseJson(octets, documentLimits))
  if (parsed.success) return parsed.data
  const faults = faultsOf(parsed.error).slice(0, 1_000)
  throw new Problem(422, { detail: 'The document in the archive is no export of task sequences.', faults })
}

async function showPending({ id, plan, expiresAtMs }: PendingImport, library: HttpDependencies['library']) {
  const { siteCode, comment, content } = plan.bundle
  const missing = new Map<string, ContentFile & { readonly key: string }>()
  for (const { key, object } of content ? plan.objects : []) {
    for (const file of object.files) {
      if (!missing.has(file.sha256) && !(await hasFile(library, file))) missing.set(file.sha256, { key, ...file })
    }
  }
  return {
    id,
    siteCode,
    comment,
    content,
    expiresAtMs,
    objects: plan.objects.map((planned) => ({
      key: planned.key,
      kind: planned.object.kind,
      id: planned.object.id,
      name: planned.name,
      ...(planned.existing === undefined ? {} : { existing: planned.existing }),
      actions: actionsFor(planned),
      action: usualAction(planned),
      files: planned.object.files.length,
      bytes: planned.object.files.reduce((sum, { bytes }) => sum + bytes, 0),
    })),
    missingFiles: [...missing.values()].map(({ key, name, sha256: hash, bytes }) => ({
      key,
      name,
      sha256: hash,
      bytes,
    })),
  }
}

/** S11-004. */
function actionsFor({ existing }: PlannedObject) {
  return existing === undefined ? (['create-new'] as const) : (['ignore-duplicate', 'overwrite', 'create-new'] as const)
}

function usualAction(planned: PlannedObject) {
  return actionsFor(planned)[0]
}

const importParams = z.object({ id: z.uuid() })

function sendFileRoute({ library }: HttpDependencies, imports: PendingImports): ApiRoute {
  return defineRoute({
    method: 'put',
    path: '/task-sequences/imports/{id}/files/{hash}',
    summary: 'Send a file that belongs to an import',
    params: z.object({ id: z.uuid(), hash: sha256 }),
    octets: true,
    answers: { 201: z.object({ sha256: z.string(), bytes: z.number().int() }) },
    answer: async ({ request, params: { id, hash } }) => {
      const files = imports.get(id).plan.objects.flatMap(({ object }) => object.files)
      const file = files.find((one) => one.sha256 === hash)
      if (file === undefined) throw notFound(`file ${hash} in import ${id}`)
      try {
        return { status: 201, body: await library.add(uploadedOctets(request, file.bytes), hash) }
      } catch (error) {
        if (!(error instanceof ContentError) || error.code !== 'hash-mismatch') throw error
        throw new Problem(422, { detail: `${file.name} is another file: ${error.message}.`, code: 'hash-mismatch' })
      }
    },
  })
}

const importedView = z
  .object({
    objects: z.array(
      z.object({
        key: z.string(),
        name: z.string(),
        action: z.enum(importActions),
        id: z.string().meta({ description: 'In this site' }),
      }),
    ),
    typeAgain: z
      .array(secretLeftOut.extend({ id: z.string() }))
      .meta({ description: 'Secrets are in no export (S11-003)' }),
    withoutContent: z.array(z.string()).meta({ description: 'Ids of new objects whose files did not travel along' }),
  })
  .meta({ id: 'ImportedTaskSequences' })

const completeBody = z
  .strictObject({
    actions: z.record(z.string().max(100), z.enum(importActions)).default({}).meta({
      description: 'By key; what is left out gets its usual one',
    }),
  })
  .optional()

function completeRoute({ store, library }: HttpDependencies, imports: PendingImports): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/task-sequences/imports/{id}/complete',
    summary: 'Carry out an import: everything, or nothing when something is missing or refused',
    params: importParams,
    body: completeBody,
    answers: { 201: importedView },
    answer: async ({ principal, params: { id }, body }) => {
      const pending = imports.get(id)
      // What is here may have changed since the archive was looked into.
      const planned = await planImport(store, pending.plan.bundle)
      if (planned.kind === 'refused') throw new Problem(422, { faults: planned.faults })
      const { plan } = planned
      const actions = new Map(Object.entries(body?.actions ?? {}))
      refuseActions(plan.objects, actions)
      const actionOf = (one: PlannedObject) => actions.get(one.key) ?? usualAction(one)
      const origin = originOf(principal, `Imported from ${plan.bundle.siteCode}`)
      if (!imports.remove(id)) throw notFound(`import ${id}`)
      try {
        const imported = await carryOutImport({ store, library, plan, actionOf, origin })
        return { status: 201, body: showImported(imported, plan.objects) }
      } catch (error) {
        // Whoever sends what is missing can try again.
        imports.restore(pending)
        throw error
      }
    },
  })
}

function refuseActions(objects: readonly PlannedObject[], actions: ReadonlyMap<string, string>): void {
  const faults = [...actions].flatMap(([key, action]) => {
    const planned = objects.find((one) => one.key === key)
    const allowed: readonly string[] = planned === undefined ? [] : actionsFor(planned)
    if (allowed.includes(action)) return []
    const message = planned === undefined ? 'is not in the export' : `can only be one of ${allowed.join(', ')}`
    return [{ path: `actions.${key}`, message }]
  })
  if (faults.length > 0) throw new Problem(422, { faults })
}

function showImported(imported: readonly Imported[], objects: readonly PlannedObject[]) {
  const changed = imported.filter(({ action }) => action !== 'ignore-duplicate')
  const objectOf = (key: string) => objects.find((one) => one.key === key)?.object
  const withoutContent = changed.flatMap(({ key, id, hasContent }) =>
    hasContent || objectOf(key)?.files.length === 0 ? [] : [id],
  )
  return {
    objects: imported.map(({ key, name, action, id }) => ({ key, name, action, id })),
    typeAgain: changed.flatMap(({ key, id }) => (objectOf(key)?.typeAgain ?? []).map((secret) => ({ id, ...secret }))),
    withoutContent,
  }
}

function dropRoute(imports: PendingImports): ApiRoute {
  return defineRoute({
    method: 'delete',
    path: '/task-sequences/imports/{id}',
    summary: 'Drop an import that was not carried out',
    params: importParams,
    answers: { 204: 'none' },
    answer: async ({ params: { id } }) => {
      imports.get(id)
      imports.remove(id)
      return { status: 204 }
    },
  })
}
