/**
 * One route of the API: its path, who may use it, the schemas of what goes in and out, and the function that answers.
 * The same rows register the routes, make the OpenAPI document, and are the rows of the access matrix in the tests.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { type Fault, notFound, Problem } from '../problem.ts'
import { type JsonLimits, jsonLimits, parseJson, readBody, requireJson } from '../json-body.ts'
import type { ContentToSend } from '../content-to-send.ts'
import type { Principal } from '../principal.ts'

export type Method = 'get' | 'put' | 'post' | 'delete'

export interface ApiRoute {
  readonly method: Method
  /** Below `/api/v1`, with `{id}` for parameters. */
  readonly path: string
  readonly access: 'public' | 'administrator'
  readonly summary: string
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  /** `octets`: a stream that the route reads itself. */
  readonly body: z.ZodType | 'none' | 'octets'
  readonly answers: Answers
  readonly answer: (incoming: Incoming) => Promise<ApiAnswer>
}

/** By status; `none` is an answer without a body. */
export type Answers = Readonly<Record<number, z.ZodType | 'none' | MediaType>>

/** Of an answer that is no JSON. */
export type MediaType = 'application/xml' | 'application/zip' | 'application/octet-stream'

export interface Incoming {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly principal: Principal
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
}

export interface ApiAnswer {
  readonly status: number
  readonly body?: unknown
  /** Instead of a body: octets as they come, for what is no JSON. */
  readonly stream?: { readonly type: MediaType; readonly octets: AsyncIterable<Uint8Array> }
  /** Instead of a body: with conditions and ranges. */
  readonly file?: ContentToSend
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

interface Definition<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly method: Method
  readonly path: string
  readonly summary: string
  readonly access?: 'public' | 'administrator'
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly octets?: true
  /** For a body larger than usual. */
  readonly limits?: JsonLimits
  readonly answers: Answers
  answer(call: Call<P, Q, B>): Promise<ApiAnswer>
}

export interface Call<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly principal: Principal
  readonly params: z.output<P>
  readonly query: z.output<Q>
  readonly body: z.output<B>
}

const noFields = z.strictObject({})
type NoFields = typeof noFields

export function defineRoute<
  P extends z.ZodObject = NoFields,
  Q extends z.ZodObject = NoFields,
  B extends z.ZodType = z.ZodUndefined,
>(definition: Definition<P, Q, B>): ApiRoute {
  const { method, path, summary, answers, octets, access = 'administrator' } = definition
  return {
    method,
    path,
    access,
    summary,
    params: definition.params ?? noFields,
    query: definition.query ?? noFields,
    body: octets === true ? 'octets' : (definition.body ?? 'none'),
    answers,
    answer: async ({ request, response, principal, params, query }) =>
      definition.answer({
        request,
        response,
        principal,
        // A name that cannot be one is the name of nothing.
        params: parseParams(definition.params, params),
        query: parseFields(definition.query, query),
        body: await parseBody(definition.body, request, definition.limits),
      }),
  }
}

function parseParams<P extends z.ZodObject>(schema: P | undefined, params: unknown): z.output<P> {
  const result = (schema ?? noFields).safeParse(params)
  if (!result.success) throw notFound()
  return result.data as z.output<P>
}

function parseFields<T extends z.ZodType>(schema: T | undefined, value: unknown): z.output<T> {
  const result = (schema ?? noFields).safeParse(value)
  if (!result.success) throw new Problem(400, { faults: faultsOf(result.error) })
  return result.data as z.output<T>
}

async function parseBody<B extends z.ZodType>(
  schema: B | undefined,
  request: IncomingMessage,
  limits: JsonLimits = jsonLimits,
): Promise<z.output<B>> {
  if (schema === undefined || (mayBeAbsent(schema) && !announcesBody(request))) return undefined as z.output<B>
  requireJson(request)
  const result = schema.safeParse(parseJson(await readBody(request, limits.bytesMax), limits))
  if (!result.success) throw new Problem(422, { faults: faultsOf(result.error) })
  return result.data
}

/** A verb whose options may all be left out needs no body. */
export function mayBeAbsent(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success
}

function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

export function faultsOf(error: z.ZodError): readonly Fault[] {
  return error.issues.map((issue) => ({ path: printPath(issue.path), message: issue.message }))
}

export function printPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}
