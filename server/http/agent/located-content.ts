/** The content of a policy with the places where this machine finds it (targeting/content-locations.ts). */

import { type Ipv4Address, parseIpv4Address } from '../../address/ipv4-address.ts'
import type { PolicyContent } from '../../contract/agent.ts'
import type { Deployment } from '../../site/deployment.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { contentLocations, type PointWithContent } from '../../targeting/content-locations.ts'

export interface AskingFrom {
  readonly deployment: Deployment
  /** Of the machine, as its connection shows it. */
  readonly ipAddress: string
  /** Of the site, as this machine reaches it. */
  readonly siteUrl: string
}

/** What only the site has says no places: the machine knows the site. */
export async function locatedContent(
  { store, now }: Pick<HttpDependencies, 'store' | 'now'>,
  contents: readonly PolicyContent[],
  { deployment, ipAddress, siteUrl }: AskingFrom,
): Promise<readonly PolicyContent[]> {
  const points = await store.distributionPoints.list()
  if (points.length === 0) return contents
  const reports = await store.reportedContent(contents.map(({ id }) => id))
  const reported = new Map(reports.map((report) => [`${report.id} ${report.pointId}`, report]))
  const assigned = await store.pointsOfContent(contents.map(({ id }) => id))
  const address: Ipv4Address | undefined = parseIpv4Address(ipAddress)
  return contents.map((content) => {
    const having = points.flatMap((point): readonly PointWithContent[] => {
      const report = reported.get(`${content.id} ${point.id}`)
      if (report?.state !== 'installed' || assigned.get(content.id)?.has(point.id) !== true) return []
      return [{ point, installedVersion: report.version, heardAtMs: report.heardAtMs }]
    })
    const { version } = content
    const bases = contentLocations({ version, points: having, address, options: deployment, siteUrl, nowMs: now() })
    return bases.length === 1 ? content : { ...content, bases }
  })
}
