/**
 * Whether a task sequence that is restricted to platforms may run on a client (S1-079). Asked only of clients in an installed
 * system: over PXE and from media every platform counts as allowed.
 */

import { type ClientPlatform, printClientPlatform } from '../address/client-platform.ts'

/** Undefined `allowed`: on any platform. Undefined `client`: it does not say what it is. */
export function whyPlatformIsRefused(
  allowed: readonly ClientPlatform[] | undefined,
  client: ClientPlatform | undefined,
): string | undefined {
  if (allowed === undefined) return undefined
  if (client !== undefined && allowed.some((platform) => fits(platform, client))) return undefined
  const names = allowed.map(printClientPlatform).join(', ')
  const is =
    client === undefined ? 'this client does not say what it is' : `this client is ${printClientPlatform(client)}`
  return `its task sequence runs on ${names} only, and ${is}`
}

/** Version `12` fits 12 and 12.5, not 120. A client that does not name its system fits only what names none. */
function fits(allowed: ClientPlatform, client: ClientPlatform): boolean {
  if (allowed.architecture !== client.architecture) return false
  const wanted = allowed.operatingSystem
  if (wanted === undefined) return true
  const is = client.operatingSystem
  if (is?.name !== wanted.name) return false
  return (
    wanted.version === undefined ||
    is.version === wanted.version ||
    is.version?.startsWith(`${wanted.version}.`) === true
  )
}
