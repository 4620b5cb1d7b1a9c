/** The OpenAPI 3.1 document, made of the same rows that register the routes. */

import type { z } from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi'
import { type ApiRoute, mayBeAbsent } from './route.ts'

export function openApiDocument(routes: readonly ApiRoute[]): object {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of routes) {
    paths[`/api/v1${route.path}`] = { ...paths[`/api/v1${route.path}`], [route.method]: operation(route) }
  }
  return createDocument({
    openapi: '3.1.1',
    info: { title: 'Reveille', version: '1', description: 'PXE and boot-media provisioning with task sequences.' },
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        page: { type: 'apiKey', in: 'cookie', name: 'reveille_session' },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            code: { type: 'string' },
            faults: {
              type: 'array',
              items: {
                type: 'object',
                required: ['path', 'message'],
                properties: { path: { type: 'string' }, message: { type: 'string' } },
              },
            },
          },
        },
      },
    },
  })
}

function operation(route: ApiRoute): ZodOpenApiOperationObject {
  return {
    operationId: operationId(route),
    summary: route.summary,
    security: route.access === 'public' ? [] : [{ token: [] }, { page: [] }],
    requestParams: { path: route.params, query: route.query },
    ...requestBody(route),
    responses: { ...answers(route), default: problem },
  }
}

const problem = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
} as const

function requestBody({ body }: ApiRoute): Pick<ZodOpenApiOperationObject, 'requestBody'> {
  if (body === 'none') return {}
  if (body === 'octets') return { requestBody: { required: true, content: { 'application/octet-stream': {} } } }
  return { requestBody: { required: !mayBeAbsent(body), content: { 'application/json': { schema: body } } } }
}

function answers(route: ApiRoute): ZodOpenApiResponsesObject {
  const responses: Record<string, { description: string; content?: Record<string, { schema?: z.ZodType }> }> = {}
  for (const [status, schema] of Object.entries(route.answers)) {
    const isText = typeof schema === 'string'
    const content = schema === 'none' ? {} : { content: isText ? { [schema]: {} } : { 'application/json': { schema } } }
    responses[status] = { description: route.summary, ...content }
  }
  return responses
}

/** `GET /devices/{id}` is `getDevicesId`. */
function operationId({ method, path }: ApiRoute): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== '')
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
