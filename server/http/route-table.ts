/** Every route of the server in one list: boot files, content, agent, API, health. The WebSocket is in progress-socket.ts. */

import type { IncomingMessage } from 'node:http'
import { agentRoutes, bootScriptPath, discoveryScriptPath, progressPath } from '../contract/routes.ts'
import { type Agents, createAgents } from './agent/agents.ts'
import { keepCapturedImage, receiveCapturedFile } from './agent/captured-image-routes.ts'
import { nextCommand } from './agent/debugger-route.ts'
import { answerHello } from './agent/hello-route.ts'
import { resumeRun } from './agent/resume-route.ts'
import { reportEvents, startRun } from './agent/run-routes.ts'
import { receiveStateChunk, sendStateChunk } from './agent/state-chunk-routes.ts'
import { openStateStore, releaseStateStore, requestStateStore, stateWasCaptured } from './agent/state-store-routes.ts'
import { apiPrefix, apiRoutes } from './api/api-routes.ts'
import type { ApiRoute } from './api/route.ts'
import { serveApi } from './api/serve-api.ts'
import { sendBootImageFile, sendBootScript, sendDiscoveryScript, sendExtraBootFile } from './boot-routes.ts'
import { sendBlobFile, sendContentFile } from './content-file-routes.ts'
import type { HttpDependencies } from './dependencies.ts'
import { type FileRequest, fileRequest } from './file-request.ts'
import { MediumImages } from './medium-images.ts'
import { publishedMediaPrefix, sendPublishedMedium } from './published-media.ts'
import { pointRoutes } from './distribution-point/point-routes.ts'
import { Problem } from './problem.ts'
import { sendJson } from './send-json.ts'
import { sendText } from './send-text.ts'
import type { ServedRoute } from './served-route.ts'

export function routeTable(dependencies: HttpDependencies): readonly ServedRoute[] {
  return [
    ...fileRoutes(dependencies),
    publishedMedia(dependencies),
    ...agentTable(createAgents(dependencies)),
    ...pointRoutes(dependencies),
    ...healthRoutes(dependencies),
    progressWithoutUpgrade,
    ...apiRoutes(dependencies).map((route) => served(dependencies, route)),
  ]
}

function fileRoutes(dependencies: HttpDependencies): readonly ServedRoute[] {
  const route = (
    path: string,
    access: 'public' | 'run-token',
    send: (dependencies: HttpDependencies, incoming: FileRequest) => Promise<void>,
  ): ServedRoute => {
    const prefix = path.replace('{rest}', '')
    return {
      method: 'GET',
      path,
      access,
      serve: (request, response) => send(dependencies, fileRequest(request, response, prefix)),
    }
  }
  return [
    route(bootScriptPath, 'public', sendBootScript),
    route(discoveryScriptPath, 'public', sendDiscoveryScript),
    route('/autoexec.ipxe', 'public', sendDiscoveryScript),
    route('/boot/images/{rest}', 'public', sendBootImageFile),
    route('/boot/files/{rest}', 'public', sendExtraBootFile),
    route('/content/{rest}', 'run-token', sendContentFile),
    route('/blobs/{rest}', 'run-token', sendBlobFile),
  ]
}

function publishedMedia(dependencies: HttpDependencies): ServedRoute {
  const images = new MediumImages(dependencies)
  return {
    method: 'GET',
    path: `${publishedMediaPrefix}{rest}`,
    access: 'public',
    serve: (request, response) =>
      sendPublishedMedium(dependencies, images, fileRequest(request, response, publishedMediaPrefix)),
  }
}

function agentTable(agents: Agents): readonly ServedRoute[] {
  const route = (path: string, answer: (agents: Agents, request: IncomingMessage) => Promise<object>): ServedRoute => ({
    method: 'POST',
    path,
    access: 'agent',
    serve: async (request, response) => sendJson(response, await answer(agents, request)),
  })
  return [
    route(agentRoutes.hello, answerHello),
    route(agentRoutes.runs, startRun),
    route(agentRoutes.events, reportEvents),
    route(agentRoutes.resume, resumeRun),
    route(agentRoutes.nextCommand, nextCommand),
    route(agentRoutes.capturedImages, keepCapturedImage),
    {
      method: 'PUT',
      path: agentRoutes.capturedImageFile,
      access: 'run-token',
      serve: async (request, response) => sendJson(response, await receiveCapturedFile(agents, request)),
    },
    ...stateStoreTable(agents, route),
  ]
}

function stateStoreTable(
  agents: Agents,
  route: (path: string, answer: (agents: Agents, request: IncomingMessage) => Promise<object>) => ServedRoute,
): readonly ServedRoute[] {
  return [
    route(agentRoutes.stateStores, requestStateStore),
    route(agentRoutes.stateStoreKey, openStateStore),
    route(agentRoutes.stateStoreCaptured, stateWasCaptured),
    route(agentRoutes.stateStoreRelease, releaseStateStore),
    {
      method: 'PUT',
      path: agentRoutes.stateStoreChunk,
      access: 'run-token',
      serve: async (request, response) => sendJson(response, await receiveStateChunk(agents, request)),
    },
    {
      method: 'GET',
      path: agentRoutes.stateStoreCapturedChunk,
      access: 'run-token',
      serve: async (request, response) => sendStateChunk(agents, request, response),
    },
  ]
}

function healthRoutes({ store, metrics }: HttpDependencies): readonly ServedRoute[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      access: 'public',
      serve: async (request, response) => {
        // A read that goes through the database file is the shortest proof that the site is there.
        await store.administratorExists()
        sendText(request, response, 'ok\n')
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      access: 'public',
      serve: async (request, response) => sendText(request, response, await metrics.metrics(), metrics.contentType),
    },
  ]
}

const progressWithoutUpgrade: ServedRoute = {
  method: 'GET',
  path: progressPath,
  access: 'public',
  serve: async () => {
    throw new Problem(426, { detail: 'This is a WebSocket.', headers: { upgrade: 'websocket', connection: 'Upgrade' } })
  },
}

/** Where a password, a code or a ticket can be guessed. */
const limitedPaths: ReadonlySet<string> = new Set(['/setup', '/session'])

function served(dependencies: HttpDependencies, route: ApiRoute): ServedRoute {
  return {
    method: methods[route.method],
    path: apiPrefix + route.path,
    access: route.access,
    ...(route.method === 'post' && limitedPaths.has(route.path) ? { limited: true } : {}),
    serve: async (request, response, params) => serveApi(dependencies, route, { request, response, params }),
  }
}

const methods = { get: 'GET', put: 'PUT', post: 'POST', delete: 'DELETE' } as const
