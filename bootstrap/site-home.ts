/** A run of the site: everything goes over its line to the server (run-link.ts). */

import { agentRoutes } from '../server/contract/routes.ts'
import { decodeCapturedImageAnswer, decodeNextCommandAnswer } from './decode-answer.ts'
import type { RunHome } from './run-home.ts'
import type { RunKeeper } from './run-keeper.ts'
import { RunLink } from './run-link.ts'
import type { Machine } from './run-session.ts'
import { sendImage } from './send-image.ts'
import { siteStateStores } from './site-state-stores.ts'

export function siteHome(
  {
    managementPoint,
    hello,
    server,
    onFault,
    fromMedium,
  }: Pick<Machine, 'managementPoint' | 'hello' | 'server' | 'onFault' | 'fromMedium'>,
  keeper: RunKeeper,
): RunHome {
  const link = new RunLink(managementPoint, keeper, hello)
  // S7-031: what a prestaged medium has is not fetched.
  const medium =
    fromMedium === undefined ? {} : { medium: { open: fromMedium.medium.readContent.bind(fromMedium.medium) } }
  const content = { bases: server, token: () => link.token, onFault, ...medium }
  return {
    resume: async () => link.resume(),
    send: async (events) => link.send(events),
    credentials: () => [keeper.saved.resumeTicket, link.token],
    content,
    images: {
      sendImage: async (format, begin) => sendImage({ settings: content, format, begin }),
      keepImage: async (image) => link.ask(agentRoutes.capturedImages, image, decodeCapturedImageAnswer),
    },
    stateStores: siteStateStores(link, content),
    nextCommand: async (after) => link.ask(agentRoutes.nextCommand, { after }, decodeNextCommandAnswer),
    // The client asks the server for it.
    carryContent: async () => {},
    conclude: async () => keeper.remove(),
  }
}
